using ContextAware.Benchmarks;

return args is ["worker"] ? Worker.Run() : Driver.Run(args);
