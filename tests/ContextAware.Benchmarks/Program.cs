using ContextAware.Benchmarks;
using ContextAware.Benchmarks.Cases;

return args switch
{
    ["worker"] => Worker.Run(Catalogue.All),
    ["worker", "torchsharp"] => Worker.Run(Catalogue.TorchSharp),
    _ => Driver.Run(args),
};
