using Aion.Model;

namespace Aion.Compactor;

/// <summary>
/// Compares series of a new block with their sources by decoding both, in another way than the one that made it. Not thread-safe.
/// </summary>
/// <param name="known">What the merge has reported of the sources.</param>
internal sealed class ReadBack(SourceBlock block, IReadOnlyList<SourceBlock> sources, MergeFunction function, KnownRepairs known)
{
    /// <summary>Sums of counts are exact until there are more samples than a double can count.</summary>
    private const double Tolerance = 1e-12;

    private readonly SeriesFinder[] _finders = [.. sources.Select(s => new SeriesFinder(s, known))];
    private readonly SeriesFinder _own = new(block, new KnownRepairs());

    /// <exception cref="VerificationFailedException">The series is not what its sources make.</exception>
    public void Compare(uint series)
    {
        Labels labels = _own.LabelsOf(series);
        Dictionary<long, Expected> expected = Expect(labels);
        bool isDownsampled = block.Meta.Thanos.ResolutionMs != sources[0].Meta.Thanos.ResolutionMs;
        if (isDownsampled) CompareWindows(labels, series, expected);
        else CompareSamples(labels, series, expected);
    }

    private Dictionary<long, Expected> Expect(Labels labels)
    {
        var expected = new Dictionary<long, Expected>();
        foreach (SeriesFinder finder in _finders)
        {
            foreach (uint id in finder.Find(labels))
            {
                foreach (FoundSample sample in finder.Read(id))
                {
                    if (expected.TryGetValue(sample.TimeMs, out Expected? here)) here.Add(sample);
                    else expected.Add(sample.TimeMs, new Expected(sample));
                }
            }
        }

        return expected;
    }

    /// <summary>Every sample is a source's sample; where nothing is deduplicated, every time of a source is there.</summary>
    private void CompareSamples(Labels labels, uint series, Dictionary<long, Expected> expected)
    {
        foreach (FoundSample sample in _own.Read(series))
        {
            if (!expected.TryGetValue(sample.TimeMs, out Expected? here) || !here.Allows(sample.Value))
                Fail(labels, $"the sample at {sample.TimeMs} is in no source");
            here!.IsFound = true;
        }

        if (function == MergeFunction.Chain)
        {
            foreach (var (time, here) in expected)
                if (here is { MustBe: true, IsFound: false }) Fail(labels, $"the sources' sample at {time} is missing");
        }
        else if (expected.Values.Any(e => e.MustBe) && !expected.Values.Any(e => e.IsFound))
        {
            Fail(labels, "no samples");
        }
    }

    /// <summary>
    /// The counts of all windows add up to the samples of the source: exactly, but where a time comes twice in the source, of which one or
    /// both may count.
    /// </summary>
    private void CompareWindows(Labels labels, uint series, Dictionary<long, Expected> expected)
    {
        double least = 0, most = 0, counted = 0;
        foreach (Expected here in expected.Values)
        {
            if (here.MustBe) least += here.LeastWeight;
            most += here.AllWeight;
        }

        foreach (FoundSample window in _own.Read(series)) counted += window.Weight;
        double slack = Tolerance * most;
        if (counted >= least - slack && counted <= most + slack) return;
        string range = least == most ? $"{least}" : $"between {least} and {most}";
        Fail(labels, $"its windows count {counted} samples, the source has {range}");
    }

    private void Fail(Labels labels, string reason) => throw new VerificationFailedException(block.Meta.Id, $"series {labels}: {reason}");

    /// <summary>What the sources have at one time, mostly one sample.</summary>
    private sealed class Expected(FoundSample first)
    {
        private readonly ulong _value = first.Value;
        private List<ulong>? _others;

        public bool MustBe { get; private set; } = first.MustBe;

        public bool IsFound { get; set; }

        public double LeastWeight { get; private set; } = first.Weight;

        public double AllWeight { get; private set; } = first.Weight;

        public void Add(FoundSample sample)
        {
            MustBe |= sample.MustBe;
            LeastWeight = Math.Min(LeastWeight, sample.Weight);
            AllWeight += sample.Weight;
            if (sample.Value != _value) (_others ??= []).Add(sample.Value);
        }

        public bool Allows(ulong value) => value == _value || _others?.Contains(value) == true;
    }
}
