using System.Globalization;
using Aion.Testing;

namespace Aion.Benchmarks.Tests;

/// <summary>
/// Gates the bytes that each benchmark allocates: <c>bench/allocations.tsv</c> has a line a benchmark, and none may take a tenth (and a
/// kilobyte) more. Bytes, unlike time, are the same on every machine. <c>AION_UPDATE_ALLOCATIONS=1</c> writes the file anew.
/// </summary>
[Collection(nameof(AllocationTests))]
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class AllocationTests
{
    private static readonly string ListPath = Path.Combine(SharedFolder.RepositoryRoot, "bench", "allocations.tsv");

    public AllocationTests() => (BenchmarkScale.Series, BenchmarkScale.Workers) = (50, 1);

    [Fact]
    public async Task Benchmarks_allocate_no_more_than_their_list_says()
    {
        var measured = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (BenchmarkCase one in BenchmarkCase.All()) measured[one.Name] = await one.AllocatedBytesAsync();
        if (Environment.GetEnvironmentVariable("AION_UPDATE_ALLOCATIONS") == "1")
        {
            await File.WriteAllLinesAsync(
                ListPath, ["# Bytes a run of each benchmark with 50 series, debug build; see Aion.Benchmarks.Tests.", .. measured.Select(m => $"{m.Key}\t{m.Value}")],
                TestContext.Current.CancellationToken);
            return;
        }

        Dictionary<string, long> allowed = File.ReadLines(ListPath).Where(l => !l.StartsWith('#')).Select(l => l.Split('\t'))
            .ToDictionary(p => p[0], p => long.Parse(p[1], CultureInfo.InvariantCulture));
        string[] faults =
        [
            .. measured.Where(m => !allowed.ContainsKey(m.Key)).Select(m => $"{m.Key} is not listed; it allocates {m.Value} bytes"),
            .. allowed.Keys.Where(k => !measured.ContainsKey(k)).Select(k => $"{k} is listed but is no benchmark any more"),
            .. measured.Where(m => allowed.TryGetValue(m.Key, out long limit) && m.Value > limit + limit / 10 + 1024)
                .Select(m => $"{m.Key} allocates {m.Value} bytes, {allowed[m.Key]} are listed"),
        ];
        Assert.True(faults.Length == 0, string.Join("\n", faults));
    }
}
