using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;

// In this very process: the solution's rules about warnings and packages do not hold for a project that is generated elsewhere.
var config = DefaultConfig.Instance
    .AddJob(Job.InProcess)
    .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "relay-benchmarks"));
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);
