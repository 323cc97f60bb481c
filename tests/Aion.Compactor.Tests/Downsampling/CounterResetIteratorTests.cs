using Aion.Storage;

namespace Aion.Compactor.Tests;

public sealed class CounterResetIteratorTests
{
    [Fact]
    public void Totals_go_on_over_chunks_and_resets()
    {
        // L-8.17.
        SampleBuffer[] chunks =
        [
            Of((100, 10), (200, 20), (300, 10), (400, 20), (400, 5)),
            Of((500, 10), (600, 20), (700, 30), (800, 40), (800, 10)),
            Of((900, 5), (1000, 10), (1100, 15)),
            Of((1200, 20), (1250, double.NaN), (1300, 40)),
            Of((1400, 30), (1500, 30), (1600, 50)),
        ];
        var iterator = new CounterResetIterator();
        var totals = new SampleBuffer();

        foreach (SampleBuffer chunk in chunks) iterator.Add(chunk, totals);

        Assert.Equal(
            "100:10 200:20 300:30 400:40 500:45 600:55 700:65 800:75 900:80 1000:85 1100:90 1200:95 1300:115 1400:145 1500:145 1600:165",
            string.Join(' ', totals.Times.ToArray().Zip(totals.Values.ToArray(), (t, v) => $"{t}:{v}")));
    }

    private static SampleBuffer Of(params (long Time, double Value)[] samples)
    {
        var buffer = new SampleBuffer();
        foreach ((long time, double value) in samples) buffer.Add(time, value);
        return buffer;
    }
}
