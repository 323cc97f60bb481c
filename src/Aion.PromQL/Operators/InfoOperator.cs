using System.Globalization;
using System.Text;
using Aion.Model;

namespace Aion.PromQL;

/// <summary>What <c>info()</c> was asked to add to its series.</summary>
internal sealed class InfoSelection
{
    private readonly LabelMatcher[] _names;
    private readonly LabelMatcher[] _data;

    public InfoSelection(IReadOnlyList<LabelMatcher>? matchers)
    {
        LabelMatcher[] names = [.. (matchers ?? []).Where(m => m.Name == LabelNames.MetricName)];
        bool positive = names.Any(m => m.Type is Model.MatchType.Equal or Model.MatchType.Regex);
        if (names.Length == 0) _names = [LabelMatcher.Equal(LabelNames.MetricName, "target_info")];
        else if (positive) _names = names;
        else _names = [new LabelMatcher(Model.MatchType.Regex, LabelNames.MetricName, ".+_info"), .. names];
        _data = [.. (matchers ?? []).Where(m => m.Name != LabelNames.MetricName)];
    }

    public IReadOnlyList<LabelMatcher> Names => _names;

    public IReadOnlyList<LabelMatcher> Data => _data;

    public static IReadOnlyList<string> IdentifyingLabels { get; } = ["instance", "job"];

    /// <summary>An info metric itself gets nothing added.</summary>
    public bool IsInfoMetric(Labels labels)
    {
        foreach (LabelMatcher name in _names)
            if (!name.Matches(labels)) return false;
        return true;
    }

    /// <summary>Whether a label is copied; all are when none was named.</summary>
    public bool Copies(ReadOnlySpan<byte> label)
    {
        if (_data.Length == 0) return true;
        foreach (LabelMatcher matcher in _data)
            if (label.SequenceEqual(matcher.NameUtf8.Span)) return true;
        return false;
    }

    /// <summary>A series for which there is no info stays only if nothing was demanded of the info.</summary>
    public bool KeepsUnmatched => Array.TrueForAll(_data, m => m.MatchesEmpty);

    /// <summary>The matchers that find the info series of the given series; null if none can have any.</summary>
    public List<LabelMatcher>? MatchersFor(IEnumerable<Labels> series)
    {
        var values = new Dictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (Labels labels in series)
        {
            foreach (string name in IdentifyingLabels)
            {
                if (labels.GetValueOrNull(name) is not { Length: > 0 } value) continue;
                if (!values.TryGetValue(name, out SortedSet<string>? known)) values.Add(name, known = new SortedSet<string>(StringComparer.Ordinal));
                known.Add(value);
            }
        }

        if (values.Count == 0) return null;
        List<LabelMatcher> matchers = [];
        foreach ((string name, SortedSet<string> known) in values)
            matchers.Add(new LabelMatcher(Model.MatchType.Regex, name, string.Join('|', known.Select(Escape))));
        matchers.AddRange(_data);
        matchers.AddRange(_names);
        return matchers;
    }

    private static string Escape(string literal)
    {
        var text = new StringBuilder();
        foreach (char c in literal)
        {
            if (@"\.+*?()|[]{}^$".Contains(c, StringComparison.Ordinal)) text.Append('\\');
            text.Append(c);
        }

        return text.ToString();
    }
}

/// <summary>
/// <c>info(v)</c>: adds to each series the labels of the info series with the same instance and job, at each step from the newest sample.
/// </summary>
internal sealed class InfoOperator(
    VectorOperator input, InfoSelection selection, Func<IReadOnlyList<LabelMatcher>, VectorOperator> select) : BlockingOperator(input.Context, input.Grid)
{
    private readonly Dictionary<Labels, Row> _byLabels = [];
    private readonly LabelsBuilder _added = new();
    private readonly LabelsBuilder _builder = new();

    protected override async ValueTask<List<Row>> EvaluateAsync()
    {
        List<Row> rows = await input.DrainAsync();
        List<Row> infos = selection.MatchersFor(rows.Select(r => r.Labels).Where(l => !selection.IsInfoMetric(l))) is { } matchers
            ? await select(matchers).DrainAsync()
            : [];
        var chosen = new NewestInfos(infos, Steps(rows), Grid.Count);
        foreach (Row row in rows)
        {
            Context.Poll();
            if (selection.IsInfoMetric(row.Labels)) Add(row.Labels, row, row.Present);
            else AddEnriched(row, chosen.For(row.Labels));
        }

        foreach (Row row in rows) Pool.Return(row);
        foreach (Row row in infos) Pool.Return(row);
        foreach (Row row in _byLabels.Values) Pool.Charge(row);
        return [.. _byLabels.Values];
    }

    private ulong[] Steps(List<Row> rows)
    {
        var steps = new ulong[Bits.Words(Grid.Count)];
        foreach (Row row in rows) Bits.Or(steps, row.Present);
        return steps;
    }

    /// <summary>Steps with the same infos have the same labels, so they are enriched together.</summary>
    private void AddEnriched(Row row, List<Row?[]> infos)
    {
        var left = (ulong[])row.Present.Clone();
        for (int step = Bits.Next(left, 0); step >= 0; step = Bits.Next(left, step + 1))
        {
            var same = new ulong[left.Length];
            for (int i = step; i >= 0; i = Bits.Next(left, i + 1))
                if (infos.TrueForAll(metric => ReferenceEquals(metric[i], metric[step]))) Bits.Set(same, i);
            Bits.AndNot(left, same);
            if (Enriched(row.Labels, infos, step) is { } labels) Add(labels, row, same);
        }
    }

    /// <summary>The labels at a step; null if the series goes.</summary>
    private Labels? Enriched(Labels labels, List<Row?[]> infos, int step)
    {
        _added.Clear();
        var matched = false;
        foreach (Row?[] metric in infos)
        {
            if (metric[step] is not { } info) continue;
            matched = true;
            foreach (var label in info.Labels)
            {
                if (label.Name.SequenceEqual(LabelNames.MetricNameUtf8) || !selection.Copies(label.Name)) continue;
                ReadOnlySpan<byte> there = _added.ValueOf(label.Name);
                if (!there.IsEmpty && !there.SequenceEqual(label.Value))
                    throw PromQLException.Execution($"conflicting label: {Encoding.UTF8.GetString(label.Name)}");
                if (!labels.Has(label.Name)) _added.Set(label.Name, label.Value);
            }
        }

        if (!matched && !selection.KeepsUnmatched) return null;
        _builder.Reset(labels);
        foreach (var label in _added.ToLabels()) _builder.Set(label.Name, label.Value);
        return _builder.ToLabels();
    }

    private void Add(Labels labels, Row source, ReadOnlySpan<ulong> steps)
    {
        if (!_byLabels.TryGetValue(labels, out Row? target))
        {
            target = Pool.Rent();
            target.Labels = labels;
            target.DropName = source.DropName;
            _byLabels.Add(labels, target);
        }
        else if (Bits.FirstCommon(target.Present, steps) >= 0)
        {
            throw PromQLException.SameLabelset();
        }

        for (int i = Bits.Next(steps, 0); i >= 0; i = Bits.Next(steps, i + 1)) target.CopyStep(source, i, i);
    }

    /// <summary>For each info metric, instance and job, the series with the newest sample at each step. The rows' values are sample times.</summary>
    private sealed class NewestInfos
    {
        private readonly Dictionary<Labels, SortedDictionary<string, Row?[]>> _bySignature = [];
        private readonly LabelsBuilder _builder = new();

        public NewestInfos(List<Row> infos, ulong[] steps, int count)
        {
            foreach (Row info in infos)
            {
                Labels signature = Signature(info.Labels);
                if (!_bySignature.TryGetValue(signature, out SortedDictionary<string, Row?[]>? metrics))
                    _bySignature.Add(signature, metrics = new SortedDictionary<string, Row?[]>(StringComparer.Ordinal));
                string name = MetadataLabels.NameOf(info.Labels);
                if (!metrics.TryGetValue(name, out Row?[]? newest)) metrics.Add(name, newest = new Row?[count]);
                for (int i = Bits.Next(info.Present, 0); i >= 0; i = Bits.Next(info.Present, i + 1))
                {
                    if (!Bits.Get(steps, i)) continue;
                    if (newest[i] is { } other && other.Values[i] == info.Values[i]) throw Duplicate(other, info, i);
                    if (newest[i] is null || newest[i]!.Values[i] < info.Values[i]) newest[i] = info;
                }
            }
        }

        public List<Row?[]> For(Labels labels) =>
            _bySignature.TryGetValue(Signature(labels), out SortedDictionary<string, Row?[]>? metrics) ? [.. metrics.Values] : [];

        private static PromQLException Duplicate(Row existing, Row other, int step) => PromQLException.Execution(string.Create(
            CultureInfo.InvariantCulture,
            $"found duplicate series for info metric: existing {existing.Labels} @ {(long)existing.Values[step]}, new {other.Labels} @ {(long)other.Values[step]}"));

        private Labels Signature(Labels labels)
        {
            _builder.Clear();
            foreach (var label in labels)
                if (label.Name.SequenceEqual("instance"u8) || label.Name.SequenceEqual("job"u8)) _builder.Add(label.Name, label.Value);
            return _builder.ToLabels();
        }
    }
}
