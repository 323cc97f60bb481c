using Aion.Model;

namespace Aion.Storage.Tests;

public sealed class SampleBufferTests
{
    [Fact]
    public void A_stretch_of_another_buffer_is_appended_with_its_histograms_and_start_times()
    {
        var source = new SampleBuffer();
        source.Add(1, 1);
        source.Add(2, new FloatHistogram { Count = 2 });
        source.Add(3, 3);
        source.SetStartTime(2, 99);
        var target = new SampleBuffer();
        target.Add(0, 7);

        target.AddRange(source, 1, 2);
        target.Add(4, 4);

        Assert.Equal([0, 2, 3, 4], target.Times.ToArray());
        Assert.Equal([null, 2.0, null, null], target.Histograms.ToArray().Select(h => h?.Count));
        Assert.Equal([0, 0, 99, 0], target.StartTimes.ToArray());
        Assert.Equal(7, target.Values[0]);
    }

    [Fact]
    public void A_reused_buffer_shows_nothing_of_its_past()
    {
        var buffer = new SampleBuffer();
        buffer.Add(1, new FloatHistogram());
        buffer.Add(2, new FloatHistogram());
        buffer.SetStartTime(0, 5);
        buffer.Clear();
        buffer.Add(1, 1);
        buffer.Add(2, new FloatHistogram());
        buffer.SetStartTime(1, 6);

        Assert.Null(buffer.Histograms[0]);
        Assert.Equal([0, 6], buffer.StartTimes.ToArray());
    }

    /// <summary>Runs of samples by start, step and length, put behind one another as a decoder does; the interval of all is known or zero.</summary>
    [Theory]
    [InlineData(15, "0,15,4")]
    [InlineData(15, "0,15,4;60,15,3")]
    [InlineData(0, "0,15,4;61,15,3")]
    [InlineData(0, "0,15,4;60,16,3")]
    [InlineData(15, "0,0,1;15,15,3")]
    [InlineData(0, "0,0,1;16,15,3")]
    [InlineData(15, "0,15,3;45,0,1;60,15,2")]
    [InlineData(0, "0,15,3;46,0,1")]
    [InlineData(7, "0,0,1;7,0,1")]
    [InlineData(0, "0,0,1")]
    [InlineData(0, "0,0,1;0,0,1")]
    public void Knows_the_interval_when_all_neighbours_have_the_same(long expected, string runs)
    {
        var buffer = new SampleBuffer();
        foreach (string run in runs.Split(';'))
        {
            long[] parts = [.. run.Split(',').Select(long.Parse)];
            buffer.Reserve((int)parts[2], out Span<long> times, out _);
            for (var i = 0; i < times.Length; i++) times[i] = parts[0] + i * parts[1];
            buffer.Advance(times.Length, parts[1]);
        }

        Assert.Equal(expected, buffer.IntervalMs);
        buffer.Slice(0, Math.Min(1, buffer.Count));
        Assert.Equal(0, buffer.IntervalMs);
        buffer.Clear();
        Assert.Equal(0, buffer.IntervalMs);
    }
}
