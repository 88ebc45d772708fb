using System;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor eq(Scalar target) => Aten.eq_Scalar.Call(this, target);
        public Tensor eq(Tensor target) => Aten.eq.Call(this, target);
        public Tensor eq_(Scalar target) => Aten.eq_Scalar_.Do(this, target);
        public Tensor eq_(Tensor target) => Aten.eq_.Do(this, target);
        public Tensor ne(Scalar target) => Aten.ne_Scalar.Call(this, target);
        public Tensor ne(Tensor target) => Aten.ne.Call(this, target);
        public Tensor ne_(Scalar target) => Aten.ne_Scalar_.Do(this, target);
        public Tensor ne_(Tensor target) => Aten.ne_.Do(this, target);
        public Tensor lt(Scalar target) => Aten.lt_Scalar.Call(this, target);
        public Tensor lt(Tensor target) => Aten.lt.Call(this, target);
        public Tensor lt_(Scalar target) => Aten.lt_Scalar_.Do(this, target);
        public Tensor lt_(Tensor target) => Aten.lt_.Do(this, target);
        public Tensor le(Scalar target) => Aten.le_Scalar.Call(this, target);
        public Tensor le(Tensor target) => Aten.le.Call(this, target);
        public Tensor le_(Scalar target) => Aten.le_Scalar_.Do(this, target);
        public Tensor le_(Tensor target) => Aten.le_.Do(this, target);
        public Tensor gt(Scalar target) => Aten.gt_Scalar.Call(this, target);
        public Tensor gt(Tensor target) => Aten.gt.Call(this, target);
        public Tensor gt_(Scalar target) => Aten.gt_Scalar_.Do(this, target);
        public Tensor gt_(Tensor target) => Aten.gt_.Do(this, target);
        public Tensor ge(Scalar target) => Aten.ge_Scalar.Call(this, target);
        public Tensor ge(Tensor target) => Aten.ge.Call(this, target);
        public Tensor ge_(Scalar target) => Aten.ge_Scalar_.Do(this, target);
        public Tensor ge_(Tensor target) => Aten.ge_.Do(this, target);
        public Tensor less(Tensor target) => Aten.lt.Call(this, target);
        public Tensor less_equal(Tensor target) => Aten.le.Call(this, target);
        public Tensor less_equal_(Tensor target) => Aten.le_.Do(this, target);
        public Tensor greater(Tensor target) => Aten.gt.Call(this, target);
        public Tensor greater_equal(Tensor target) => Aten.ge.Call(this, target);
        public Tensor not_equal(Tensor target) => Aten.ne.Call(this, target);
        public Tensor not_equal_(Tensor target) => Aten.ne_.Do(this, target);
        public Tensor equal(Tensor target) => Aten.eq.Call(this, target);
        public Tensor isclose(Tensor other, double rtol = 1E-05, double atol = 1E-08, bool nanEqual = false) => Aten.isclose.Call(this, other, rtol, atol, nanEqual);
        public bool allclose(Tensor target, double rtol = 1E-05, double atol = 1E-08, bool equal_nan = false) => Aten.allclose.CallBool(this, target, rtol, atol, equal_nan);
    }
}
