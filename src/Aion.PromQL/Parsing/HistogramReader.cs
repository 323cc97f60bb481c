using Aion.Model;

namespace Aion.PromQL;

/// <summary>Reads a native histogram <c>{{key:value …}}</c> behind its opening braces.</summary>
internal ref struct HistogramReader(ref SequenceScanner scanner)
{
    private const string Context = "histogram description";
    private const string HintKey = "counter_reset_hint";

    private readonly FloatHistogram _histogram = new();
    private readonly HashSet<string> _keys = [];
    private ref SequenceScanner _scanner = ref scanner;
    private int _offset;
    private int _negativeOffset;

    /// <param name="hintSet">The text names a counter reset hint.</param>
    public FloatHistogram Read(out bool hintSet)
    {
        while (true)
        {
            if (!_scanner.SkipBlanksToItem()) throw _scanner.Unexpected(Context, "\"}}\"");
            if (_scanner.Accept("}}"u8)) break;
            ReadEntry();
            if (_scanner.Accept("}}"u8)) break;
            if (!_scanner.AtBlankOrEnd) throw _scanner.Unexpected(Context, "a blank or \"}}\"");
        }

        _histogram.PositiveSpans = Spans(_offset, _histogram.PositiveBuckets);
        _histogram.NegativeSpans = Spans(_negativeOffset, _histogram.NegativeBuckets);
        hintSet = _keys.Contains(HintKey);
        return _histogram;
    }

    private static BucketSpan[] Spans(int offset, double[] buckets) => buckets.Length == 0 ? [] : [new BucketSpan(offset, (uint)buckets.Length)];

    private void ReadEntry()
    {
        string key = _scanner.ReadWord();
        if (key.Length == 0) throw _scanner.Unexpected(Context, "histogram description key, e.g. buckets:[5 10 7]");
        if (!_keys.Add(key)) throw _scanner.Fail($"duplicate key \"{key}\" in histogram");
        if (!_scanner.Accept(":"u8)) throw _scanner.Fail($"missing `:` for histogram descriptor {key}");
        switch (key)
        {
            case "schema": _histogram.Schema = _scanner.ReadInteger(key); break;
            case "offset": _offset = _scanner.ReadInteger(key); break;
            case "n_offset": _negativeOffset = _scanner.ReadInteger(key); break;
            case "sum": _histogram.Sum = ReadNumber(); break;
            case "count": _histogram.Count = ReadNumber(); break;
            case "z_bucket": _histogram.ZeroCount = ReadNumber(); break;
            case "z_bucket_w": _histogram.ZeroThreshold = ReadNumber(); break;
            case "buckets": _histogram.PositiveBuckets = ReadList(); break;
            case "n_buckets": _histogram.NegativeBuckets = ReadList(); break;
            case "custom_values": _histogram.CustomValues = ReadList(); break;
            case HintKey: _histogram.CounterResetHint = ReadHint(); break;
            default: throw _scanner.Fail($"bad histogram descriptor found: \"{key}\"");
        }
    }

    private double ReadNumber() => _scanner.ReadSignedNumber(allowPlus: false);

    private double[] ReadList()
    {
        if (!_scanner.Accept("["u8)) throw _scanner.Unexpected(Context, "\"[\"");
        var numbers = new List<double>();
        do
        {
            numbers.Add(ReadNumber());
            if (!_scanner.SkipBlanksToItem()) throw _scanner.Unexpected(Context, "\"]\"");
        }
        while (!_scanner.Accept("]"u8));
        return [.. numbers];
    }

    private CounterResetHint ReadHint() => _scanner.ReadWord() switch
    {
        "unknown" => CounterResetHint.Unknown,
        "reset" => CounterResetHint.Reset,
        "not_reset" => CounterResetHint.NotReset,
        "gauge" => CounterResetHint.Gauge,
        _ => throw _scanner.Unexpected(Context, "unknown, reset, not_reset or gauge"),
    };
}
