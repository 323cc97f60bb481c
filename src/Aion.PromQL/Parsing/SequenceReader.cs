using Aion.Model;

namespace Aion.PromQL;

/// <summary>Reads the values of a series description, which are separated by blanks and hold none outside histograms.</summary>
internal ref struct SequenceReader(byte[] text, int start)
{
    private readonly byte[] _text = text;
    private readonly List<SequenceValue> _values = [];
    private SequenceScanner _scanner = new(text, start);

    public IReadOnlyList<SequenceValue> ReadValues()
    {
        while (_scanner.SkipBlanksToItem()) ReadItem();
        return _values;
    }

    public void ExpectEnd()
    {
        if (_scanner.SkipBlanksToItem()) throw _scanner.Unexpected("metric", "end of input");
    }

    private void ReadItem()
    {
        if (_scanner.Accept("{{"u8)) ReadHistograms();
        else if (_scanner.Accept("_"u8))
        {
            for (int count = _scanner.ReadRepetition() ?? 1; count > 0; count--) Add(new SequenceValue(0, IsOmitted: true));
        }
        else if (_scanner.AcceptWord("stale"u8))
        {
            for (int more = _scanner.ReadRepetition() ?? 0; more >= 0; more--) Add(new SequenceValue(StaleMarker.Value));
        }
        else ReadFloats();

        if (!_scanner.AtBlankOrEnd) throw _scanner.Unexpected("series values", "a blank");
    }

    private void ReadFloats()
    {
        double value = _scanner.ReadSignedNumber(allowPlus: true);
        double step = 0;
        bool hasStep = _scanner.AtSign;
        if (hasStep) step = _scanner.ReadSignedNumber(allowPlus: true);
        int more = _scanner.ReadRepetition() ?? (hasStep ? throw _scanner.Unexpected("series values", "\"x\"") : 0);
        for (var i = 0; i <= more; i++)
        {
            Add(new SequenceValue(value));

            // Not even +0 is added where no step is written: it would turn -0 into 0.
            if (hasStep) value += step;
        }
    }

    private void ReadHistograms()
    {
        var reader = new HistogramReader(ref _scanner);
        FloatHistogram current = reader.Read(out bool hintSet);
        if (!_scanner.AtSign)
        {
            for (int more = _scanner.ReadRepetition() ?? 0; more >= 0; more--) Add(current.Copy(), hintSet);
            return;
        }

        bool subtract = _scanner.AcceptSign();
        if (!_scanner.Accept("{{"u8)) throw _scanner.Unexpected("series values", "\"{{\"");
        FloatHistogram change = new HistogramReader(ref _scanner).Read(out hintSet);
        int steps = _scanner.ReadRepetition() ?? throw _scanner.Unexpected("series values", "\"x\"");
        if (current.Schema > change.Schema)
            throw _scanner.Fail($"error combining histograms: cannot merge from schema {change.Schema} to {current.Schema}");
        Add(current, hintSet);
        for (var i = 0; i < steps; i++)
        {
            current = current.Copy();
            HistogramOutcome outcome = subtract ? current.Subtract(change) : current.Add(change);
            if (outcome.HasFlag(HistogramOutcome.Incompatible))
                throw _scanner.Fail("error combining histograms: custom and exponential buckets do not combine");
            Add(current, hintSet);
        }
    }

    private void Add(FloatHistogram histogram, bool hintSet) => Add(new SequenceValue(0, histogram) { CounterResetHintSet = hintSet });

    private void Add(SequenceValue value)
    {
        if (_values.Count == SeriesDescriptionParser.MaxValues)
            throw SequenceScanner.Fail(_text, _scanner.Position, $"more than {SeriesDescriptionParser.MaxValues} values in one series");
        _values.Add(value);
    }
}
