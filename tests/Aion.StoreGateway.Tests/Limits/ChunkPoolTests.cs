using Aion.Hosting;
using Aion.Storage;
using FsCheck.Xunit;
using Microsoft.Extensions.Time.Testing;

namespace Aion.StoreGateway.Tests;

/// <summary>Calls wait for room in the chunk pool, in order; none waits for itself, and none for ever.</summary>
public sealed class ChunkPoolTests
{
    private const long Step = ChunkPool.StepBytes;

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task A_call_that_finds_the_pool_taken_waits_until_another_is_over()
    {
        ChunkPool pool = Pool(4 * Step);
        PoolShare first = await pool.EnterAsync(CancellationToken.None), second = await pool.EnterAsync(CancellationToken.None);
        first.Settle(3 * Step, "test");

        PoolFullException full = Assert.Throws<PoolFullException>(() => second.Charge(2 * Step, "test"));
        Task waits = second.BeginAnewAsync(full, CancellationToken.None);

        Assert.False(waits.IsCompleted);
        Assert.Equal((0, 1), (second.UsedBytes, pool.Waiting));
        first.Dispose();
        await waits;
        second.Charge(2 * Step, "test");
        second.Dispose();
        Assert.Equal((0, 0), (pool.ReservedBytes, pool.Waiting));
    }

    [Fact]
    public async Task Who_came_first_is_let_in_first_and_a_small_call_does_not_overtake_a_large_one()
    {
        ChunkPool pool = Pool(4 * Step);
        PoolShare holder = await pool.EnterAsync(CancellationToken.None), large = await pool.EnterAsync(CancellationToken.None);
        holder.Settle(3 * Step, "test");
        Task largeWaits = large.BeginAnewAsync(new PoolFullException(3 * Step), CancellationToken.None);

        Task<PoolShare> small = pool.EnterAsync(CancellationToken.None);

        Assert.False(small.IsCompleted);
        holder.Dispose();
        await largeWaits;
        (await small).Dispose();
        large.Dispose();
        Assert.Equal(0, pool.ReservedBytes);
    }

    [Fact]
    public async Task A_call_that_alone_needs_more_than_the_pool_is_refused_at_once_with_the_numbers()
    {
        ChunkPool pool = Pool(1_000_000);
        using PoolShare call = await pool.EnterAsync(CancellationToken.None);

        BudgetExceededException refused = Assert.Throws<BudgetExceededException>(() => call.Charge(1_000_001, "postings lists"));

        Assert.Contains("1000001 bytes", refused.Message, StringComparison.Ordinal);
        Assert.Contains("it has 1000000 (--chunk-pool-size raises it)", refused.Message, StringComparison.Ordinal);
        Assert.Contains("postings lists", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_that_waits_too_long_is_refused_and_those_behind_it_move_up()
    {
        ChunkPool pool = Pool(4 * Step);
        PoolShare holder = await pool.EnterAsync(CancellationToken.None), large = await pool.EnterAsync(CancellationToken.None);
        holder.Settle(2 * Step, "test");
        Task waits = large.BeginAnewAsync(new PoolFullException(4 * Step), CancellationToken.None);
        Task<PoolShare> small = pool.EnterAsync(CancellationToken.None);

        _time.Advance(TimeSpan.FromSeconds(61));

        BudgetExceededException refused = await Assert.ThrowsAsync<BudgetExceededException>(() => waits);
        Assert.Contains($"waited 60 s for {4 * Step} bytes", refused.Message, StringComparison.Ordinal);
        // The small one ran out of patience in the same moment, or was let in when the large one left.
        try
        {
            (await small).Dispose();
        }
        catch (BudgetExceededException)
        {
            Assert.Equal(0, pool.Waiting);
        }

        (await pool.EnterAsync(CancellationToken.None)).Dispose();
        large.Dispose();
        holder.Dispose();
        Assert.Equal((0, 0), (pool.ReservedBytes, pool.Waiting));
    }

    [Fact]
    public async Task A_call_that_is_cancelled_leaves_the_queue()
    {
        ChunkPool pool = Pool(2 * Step);
        PoolShare holder = await pool.EnterAsync(CancellationToken.None);
        holder.Settle(2 * Step, "test");
        using var cancel = new CancellationTokenSource();
        Task<PoolShare> waits = pool.EnterAsync(cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits);
        Assert.Equal(0, pool.Waiting);
        holder.Dispose();
        Assert.Equal(0, pool.ReservedBytes);
    }

    [Fact]
    public async Task A_call_whose_answer_has_begun_is_refused_rather_than_made_to_wait()
    {
        ChunkPool pool = Pool(4 * Step);
        using PoolShare first = await pool.EnterAsync(CancellationToken.None), second = await pool.EnterAsync(CancellationToken.None);
        first.Settle(2 * Step, "test");
        second.Settle(2 * Step, "test");

        BudgetExceededException refused = Assert.Throws<BudgetExceededException>(() => second.Charge(3 * Step, "chunks of a block"));

        Assert.Contains($"needs {Step} bytes more", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Whatever calls need, and in whatever order they go on: all that fit the pool alone are answered, and the pool is empty then.</summary>
    [Property(MaxTest = 200)]
    public bool No_calls_wait_for_each_other(int seed)
    {
        var random = new Random(seed);
        ChunkPool pool = Pool(8 * Step);
        var calls = new List<IEnumerator<Task>>();
        var done = new int[1];
        for (var i = 0; i < 12; i++) calls.Add(Call(pool, new Random(random.Next()), done).GetEnumerator());
        // One thread plays all calls: each goes a step when what it waits for is there. Nobody being able to go is the deadlock looked for.
        while (calls.Count > 0)
        {
            List<IEnumerator<Task>> able = calls.FindAll(c => c.Current is null || c.Current.IsCompleted);
            // A grant may be on its way through the thread pool.
            if (able.Count == 0 && !SpinWait.SpinUntil(() => calls.Exists(c => c.Current.IsCompleted), 5_000)) return false;
            if (able.Count == 0) continue;
            IEnumerator<Task> one = able[random.Next(able.Count)];
            if (!one.MoveNext()) calls.Remove(one);
            if (pool.ReservedBytes > pool.LimitBytes) return false;
        }

        return done[0] == 12 && pool.ReservedBytes == 0 && pool.Waiting == 0;
    }

    private static IEnumerable<Task> Call(ChunkPool pool, Random random, int[] done)
    {
        Task<PoolShare> entering = pool.EnterAsync(CancellationToken.None);
        yield return entering;
        using PoolShare share = entering.GetAwaiter().GetResult();
        long needed = random.NextInt64(1, pool.LimitBytes), chunks = random.NextInt64(0, pool.LimitBytes - needed);
        while (true)
        {
            PoolFullException? full = null;
            for (long held = 0; held < needed && full is null;)
            {
                long more = Math.Min(needed - held, random.NextInt64(1, Step));
                full = Try(() => share.Charge(more, "series"));
                held += more;
                yield return Task.CompletedTask;
            }

            full ??= Try(() => share.Settle(chunks, "chunks"));
            if (full is null) break;
            yield return share.BeginAnewAsync(full, CancellationToken.None);
        }

        for (long sent = 0; sent < chunks; sent += Step)
        {
            share.Charge(Math.Min(Step, chunks - sent), "chunks");
            yield return Task.CompletedTask;
        }

        done[0]++;
    }

    private static PoolFullException? Try(Action step)
    {
        try
        {
            step();
            return null;
        }
        catch (PoolFullException full)
        {
            return full;
        }
    }

    private ChunkPool Pool(long bytes)
    {
        var registry = new MetricsRegistry(_time);
        return new ChunkPool(bytes, TimeSpan.FromMinutes(1), new ChunkPoolMetrics(registry, bytes), _time);
    }
}
