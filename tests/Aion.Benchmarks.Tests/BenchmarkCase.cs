using System.Collections;
using System.Reflection;
using BenchmarkDotNet.Attributes;

namespace Aion.Benchmarks.Tests;

/// <summary>One benchmark method with one choice of its parameter, run without BenchmarkDotNet.</summary>
internal sealed class BenchmarkCase(Type type, MethodInfo method, PropertyInfo? parameter, object? value)
{
    private const int Runs = 2;

    public string Name { get; } = $"{type.Name}.{method.Name}{(parameter is null ? "" : $"({value})")}";

    public static IEnumerable<BenchmarkCase> All() =>
        from type in typeof(BenchmarkScale).Assembly.GetTypes()
        from method in type.GetMethods()
        where method.GetCustomAttribute<BenchmarkAttribute>() is not null
        from choice in Choices(type)
        select new BenchmarkCase(type, method, choice.Parameter, choice.Value);

    /// <summary>Of all threads, since queries use several; the least of a few runs after a first one, which pays for what is made once.</summary>
    public async Task<long> AllocatedBytesAsync()
    {
        object benchmark = Activator.CreateInstance(type)!;
        parameter?.SetValue(benchmark, value);
        Invoke<GlobalSetupAttribute>(benchmark);
        long least = long.MaxValue;
        await RunAsync(benchmark);
        for (var run = 0; run < Runs; run++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            await RunAsync(benchmark);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        Invoke<GlobalCleanupAttribute>(benchmark);
        return least;
    }

    private static IEnumerable<(PropertyInfo? Parameter, object? Value)> Choices(Type type)
    {
        PropertyInfo? parameter = type.GetProperties().SingleOrDefault(
            p => p.IsDefined(typeof(ParamsAttribute)) || p.IsDefined(typeof(ParamsSourceAttribute)));
        if (parameter is null) return [(null, null)];
        if (parameter.GetCustomAttribute<ParamsAttribute>() is { } listed) return listed.Values.Select(v => ((PropertyInfo?)parameter, v));
        string source = parameter.GetCustomAttribute<ParamsSourceAttribute>()!.Name;
        return ((IEnumerable)type.GetProperty(source)!.GetValue(null)!).Cast<object?>().Select(v => ((PropertyInfo?)parameter, v));
    }

    private async Task RunAsync(object benchmark)
    {
        if (method.Invoke(benchmark, null) is Task task) await task;
    }

    private void Invoke<TAttribute>(object benchmark)
        where TAttribute : Attribute =>
        type.GetMethods().SingleOrDefault(m => m.IsDefined(typeof(TAttribute)))?.Invoke(benchmark, null);
}
