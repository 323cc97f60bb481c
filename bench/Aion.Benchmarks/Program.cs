using BenchmarkDotNet.Running;

BenchmarkSwitcher.FromAssembly(typeof(Aion.Benchmarks.XorDecode).Assembly).Run(args);
