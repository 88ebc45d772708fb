using System;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor bernoulli(Generator generator = null) => Aten.bernoulli.Call(this, generator);
        public Tensor bernoulli_(Tensor p, Generator generator = null) => Aten.bernoulli_.Do(this, p, generator);
        public Tensor bernoulli_(double p = 0.5, Generator generator = null) => Aten.bernoulli_float_.Do(this, p, generator);
        public Tensor multinomial(long num_samples, bool replacement = false, Generator generator = null) => Aten.multinomial.Call(this, num_samples, replacement, generator);
        public Tensor normal_(double mean = 0, double std = 1, Generator generator = null) => Aten.normal_.Do(this, mean, std, generator);
        public Tensor uniform_(double from, double to, Generator generator = null) => Aten.uniform_.Do(this, from, to, generator);
        public Tensor exponential_(double lambda = 1, Generator generator = null) => Aten.exponential_.Do(this, lambda, generator);
        public Tensor cauchy_(double median = 0, double sigma = 1, Generator generator = null) => Aten.cauchy_.Do(this, median, sigma, generator);
        public Tensor log_normal_(double mean = 0, double std = 1, Generator generator = null) => Aten.log_normal_.Do(this, mean, std, generator);
        public Tensor geometric_(double p, Generator generator = null) => Aten.geometric_.Do(this, p, generator);
        public Tensor poisson(Generator generator = null) => Aten.poisson.Call(this, generator);
        public Tensor random_(double from, double to, Generator generator = null) => Aten.random_from_.Do(this, (long)from, (long)to, generator);
    }
}
