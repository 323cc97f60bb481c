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
}
