using System.Runtime.CompilerServices;
using Aion.Model;
using FsCheck;
using FsCheck.Xunit;

namespace Aion.Storage.Tests;

public sealed class SeriesMergeStreamTests
{
    [Property]
    public bool The_merge_equals_grouping(List<(byte Series, byte Chunk)>[] inputs)
    {
        List<string> merged = Text(Run(SeriesMerge.MergeAsync([.. inputs.Select(i => Frames(Series(i), 3))], default)));
        List<string> grouped = [.. inputs.SelectMany(Series).GroupBy(s => s.Labels).OrderBy(g => g.Key)
            .Select(g => Text(ChunkDedup.Combine([.. g])))];

        return merged.SequenceEqual(grouped);
    }

    [Property]
    public bool Merging_is_associative(List<(byte Series, byte Chunk)> a, List<(byte Series, byte Chunk)> b, List<(byte Series, byte Chunk)> c)
    {
        IAsyncEnumerable<SeriesFrame> A() => Frames(Series(a), 1);
        IAsyncEnumerable<SeriesFrame> B() => Frames(Series(b), 2);
        IAsyncEnumerable<SeriesFrame> C() => Frames(Series(c), 100);

        List<string> flat = Text(Run(SeriesMerge.MergeAsync([A(), B(), C()], default)));
        List<string> left = Text(Run(SeriesMerge.MergeAsync([SeriesMerge.MergeAsync([A(), B()], default), C()], default)));
        List<string> right = Text(Run(SeriesMerge.MergeAsync([A(), SeriesMerge.MergeAsync([B(), C()], default)], default)));

        return flat.SequenceEqual(left) && flat.SequenceEqual(right);
    }

    [Fact]
    public async Task Warnings_pass_through()
    {
        var frames = await SeriesMerge.MergeAsync(
            [Of(SeriesFrame.Warning("first"), SeriesFrame.Of([One("a")])), Of(SeriesFrame.Of([One("b")]), SeriesFrame.Warning("last"))], default)
            .ToListAsync();

        Assert.Equal(["first", "last"], frames.SelectMany(f => f.Warnings));
        Assert.Equal(["a", "b"], frames.SelectMany(f => f.Series).Select(s => s.Labels.GetValueOrNull("n")));
    }

    [Fact]
    public async Task A_slow_input_does_not_hold_back_what_is_done()
    {
        var release = new TaskCompletionSource();
        await using var frames = SeriesMerge.MergeAsync(
            [Of(SeriesFrame.Of([One("a"), One("b")])), Slow(release.Task, One("c"), One("d"))], default).GetAsyncEnumerator();

        Assert.True(await frames.MoveNextAsync());
        Assert.Equal(2, frames.Current.Series.Count);
        ValueTask<bool> next = frames.MoveNextAsync();
        Assert.False(next.IsCompleted);
        release.SetResult();
        Assert.True(await next);
    }

    [Fact]
    public async Task The_failure_of_one_input_ends_the_others()
    {
        var cancelled = new TaskCompletionSource();

        await Assert.ThrowsAsync<StoreException>(async () => await SeriesMerge.MergeAsync(
            [Hanging(cancelled), Failing()], TestContext.Current.CancellationToken).ToListAsync());

        await cancelled.Task;
    }

    [Fact]
    public async Task A_reader_that_leaves_early_cancels_a_moving_input()
    {
        var cancelled = new TaskCompletionSource();

        await foreach (SeriesFrame frame in SeriesMerge.MergeAsync([HangingAfter(One("a"), One("b"), cancelled)], default))
        {
            Assert.Equal("a", frame.Series[0].Labels.GetValueOrNull("n"));
            break;
        }

        await cancelled.Task;
    }

    private static List<ChunkSeries> Series(List<(byte Series, byte Chunk)> input) =>
    [
        .. input.Select(i => new ChunkSeries(
            Labels.Of("n", $"{i.Series % 16}"), [new SeriesChunk(i.Chunk % 4, 9, new Chunk(ChunkEncoding.Xor, new[] { i.Chunk }))]))
            .OrderBy(s => s.Labels),
    ];

    private static ChunkSeries One(string name) => new(Labels.Of("n", name), []);

    private static async IAsyncEnumerable<SeriesFrame> Frames(List<ChunkSeries> series, int size)
    {
        foreach (ChunkSeries[] frame in series.Chunk(size))
        {
            if (frame.Length % 2 == 0) await Task.Yield();
            yield return SeriesFrame.Of(frame);
        }
    }

    private static async IAsyncEnumerable<SeriesFrame> Of(params SeriesFrame[] frames)
    {
        await Task.CompletedTask;
        foreach (SeriesFrame frame in frames) yield return frame;
    }

    private static async IAsyncEnumerable<SeriesFrame> Slow(Task release, ChunkSeries first, ChunkSeries second)
    {
        yield return SeriesFrame.Of([first]);
        await release;
        yield return SeriesFrame.Of([second]);
    }

    private static async IAsyncEnumerable<SeriesFrame> Hanging(
        TaskCompletionSource cancelled, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await WaitAsync(cancelled, cancellationToken);
        yield break;
    }

    private static async IAsyncEnumerable<SeriesFrame> HangingAfter(
        ChunkSeries first, ChunkSeries second, TaskCompletionSource cancelled, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        yield return SeriesFrame.Of([first, second]);
        await WaitAsync(cancelled, cancellationToken);
    }

    private static async Task WaitAsync(TaskCompletionSource cancelled, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        finally
        {
            cancelled.TrySetResult();
        }
    }

    private static async IAsyncEnumerable<SeriesFrame> Failing()
    {
        await Task.Yield();
        throw new StoreException(StoreErrorKind.Aborted, "no");
#pragma warning disable CS0162 // An iterator needs a yield.
        yield break;
#pragma warning restore CS0162
    }

    private static List<SeriesFrame> Run(IAsyncEnumerable<SeriesFrame> frames) => frames.ToListAsync().AsTask().GetAwaiter().GetResult();

    private static List<string> Text(List<SeriesFrame> frames) => [.. frames.SelectMany(f => f.Series).Select(Text)];

    private static string Text(ChunkSeries series) =>
        series.Labels + " " + string.Join(' ', series.Chunks.Select(c => $"{c.MinTimeMs}:{c.Raw.Data.Span[0]}"));
}
