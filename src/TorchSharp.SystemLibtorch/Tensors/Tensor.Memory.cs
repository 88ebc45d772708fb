namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor contiguous() => Aten.contiguous.Call(this);
        public Tensor clone() => Aten.clone.Call(this);
        public Tensor copy_(Tensor source, bool nonBlocking = false) => Aten.copy_.Do(this, source, nonBlocking);
        public Tensor fill_(Scalar value) => Aten.fill_Scalar_.Do(this, value);
        public Tensor zero_() => Aten.zero_.Call(this); // a new reference, as in TorchSharp
        public Tensor set_(Tensor source) => Aten.set_source_Tensor_.Do(this, source);
    }
}
