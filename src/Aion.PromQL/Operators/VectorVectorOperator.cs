using System.Text;
using Aion.Model;

namespace Aion.PromQL;

/// <summary>
/// Arithmetic and comparison between two vectors. Series find each other once, by ordinals of their match groups; what is left per step is
/// done on whole rows and their bitmaps. Errors are those of the earliest step, as if the steps had been evaluated one by one.
/// </summary>
internal sealed class VectorVectorOperator(
    VectorOperator left, VectorOperator right, BinaryOperator op, VectorMatching matching, bool returnBool, PositionRange position)
    : BlockingOperator(left.Context, left.Grid)
{
    private readonly bool _swapped = matching.Cardinality == VectorMatchCardinality.OneToMany;
    private readonly bool _oneToOne = matching.Cardinality == VectorMatchCardinality.OneToOne;
    private readonly bool _unchecked = left.Context.DelayedNameRemoval && left.Grid.IsInstant;
    private readonly bool _changesMetric = !(op.IsComparison() || op.IsTrim());
    private readonly MatchGroups _groups = new(matching);
    private readonly StepProblems _problems = new(left.Grid.Count);
    private readonly int _words = Bits.Words(left.Grid.Count);
    private readonly byte[][] _included = [.. matching.Include.Select(Encoding.UTF8.GetBytes)];
    private readonly LabelsBuilder _builder = new();
    private readonly Dictionary<Labels, Row> _byLabels = [];
    private readonly List<Row> _answer = [];
    private int _errorStep = int.MaxValue;
    private string? _error;

    protected override async ValueTask<List<Row>> EvaluateAsync()
    {
        List<Row> leftRows = await left.DrainAsync(), rightRows = await right.DrainAsync();
        (List<Row> many, List<Row> one) = _swapped ? (rightRows, leftRows) : (leftRows, rightRows);
        long tableBytes = MatchGroups.TableBytes(leftRows, rightRows, _words);
        Context.Options.Budget?.Charge(tableBytes, "match groups of a join");
        int[] oneOrdinals = _groups.OrdinalsOf(one, Context.Poll), manyOrdinals = _groups.OrdinalsOf(many, Context.Poll);
        var sides = new OneSide(one, oneOrdinals, _groups.Count);
        ulong[] active = ActiveSteps(many, one);
        FindDuplicates(one, oneOrdinals, active);

        double? fillOne = matching.FillRight, fillMany = matching.FillLeft;
        var matched = new Matched(_groups.Count, _words, _oneToOne);
        for (var i = 0; i < many.Count; i++)
        {
            Context.Poll();
            MatchMany(many[i], manyOrdinals[i], sides, fillOne, matched);
        }

        if (fillMany is { } fill)
            for (var i = 0; i < one.Count; i++) FillMissingMany(one[i], oneOrdinals[i], fill, matched);
        foreach (Row row in leftRows) Pool.Return(row);
        foreach (Row row in rightRows) Pool.Return(row);
        Context.Options.Budget?.Release(tableBytes);
        if (_error is not null) throw PromQLException.Execution(_error);
        _problems.Report(Context.Annotations, op, position);
        Pool.ReturnEmpty(_answer);
        foreach (Row row in _answer) Pool.Charge(row);
        return _answer;
    }

    /// <summary>Steps at which both sides have something, or, with a fill value, either.</summary>
    private ulong[] ActiveSteps(List<Row> many, List<Row> one)
    {
        ulong[] a = new ulong[_words], b = new ulong[_words];
        foreach (Row row in many) Bits.Or(a, row.Present);
        foreach (Row row in one) Bits.Or(b, row.Present);
        if (matching.FillLeft is null && matching.FillRight is null) Bits.And(a, b);
        else Bits.Or(a, b);
        return a;
    }

    private void FindDuplicates(List<Row> one, int[] ordinals, ulong[] active)
    {
        var seen = new ulong[_groups.Count][];
        for (var i = 0; i < one.Count; i++)
        {
            Context.Poll();
            ulong[]? present = seen[ordinals[i]];
            if (present is null)
            {
                seen[ordinals[i]] = [.. one[i].Present];
                continue;
            }

            ulong[] common = [.. present];
            Bits.And(common, one[i].Present);
            Bits.And(common, active);
            int step = Bits.Next(common, 0);
            if (step >= 0 && step < _errorStep) Fail(step, DuplicateText(one, ordinals, i, step));
            Bits.Or(present, one[i].Present);
        }
    }

    private string DuplicateText(List<Row> one, int[] ordinals, int second, int step)
    {
        int first = second - 1;
        while (ordinals[first] != ordinals[second] || !one[first].Has(step)) first--;
        string a = one[first].Labels.ToString(), b = one[second].Labels.ToString();
        if (Utf8Text.CompareByBytes(a, b) > 0) (a, b) = (b, a);
        return $"found duplicate series for the match group {_groups.LabelsOf(one[second].Labels)} on the {(_swapped ? "left" : "right")} hand-side of the operation: [{a}, {b}];many-to-many matching not allowed: matching labels must be unique on one side";
    }

    private void MatchMany(Row row, int ordinal, OneSide sides, double? fill, Matched matched)
    {
        ulong[]? unmatched = fill is null ? null : [.. row.Present];
        foreach (Row partner in sides.Of(ordinal))
        {
            if (unmatched is not null) Bits.AndNot(unmatched, partner.Present);
            ulong[] common = [.. row.Present];
            Bits.And(common, partner.Present);
            if (!Bits.IsEmpty(common)) Combine(row, partner, common, ordinal, matched);
        }

        if (unmatched is null || Bits.IsEmpty(unmatched)) return;
        Row synthetic = Synthetic(_groups.LabelsOf(row.Labels), fill!.Value);
        Combine(row, synthetic, unmatched, ordinal, matched);
        Pool.Return(synthetic);
    }

    private void FillMissingMany(Row row, int ordinal, double fill, Matched matched)
    {
        Context.Poll();
        ulong[] missing = [.. row.Present];
        if (matched.Of(ordinal) is { } there) Bits.AndNot(missing, there);
        if (Bits.IsEmpty(missing)) return;
        Row synthetic = Synthetic(_groups.LabelsOf(row.Labels), fill);
        Combine(synthetic, row, missing, ordinal, matched);
        Pool.Return(synthetic);
    }

    private Row Synthetic(Labels labels, double value)
    {
        Row row = Pool.Rent();
        row.Labels = labels;
        Array.Fill(row.Values, value);
        Bits.Fill(row.Present, Grid.Count);
        return row;
    }

    /// <summary>Computes the pair at the given steps and adds the result to the answer.</summary>
    private void Combine(Row many, Row one, ulong[] steps, int ordinal, Matched matched)
    {
        (Row a, Row b) = _swapped ? (one, many) : (many, one);
        Row result = Pool.Rent();
        // Steps whose pair made sense, and those whose result is kept.
        ulong[] valid = steps;
        if (a.Histograms is null && b.Histograms is null && !op.IsTrim()) CombineFloats(a, b, steps, result);
        else CombineSteps(a, b, valid = [.. steps], result);

        Labels labels = ResultLabels(many.Labels, one.Labels);
        int clash = matched.Add(ordinal, labels, valid);
        if (clash >= 0)
        {
            Fail(clash, _oneToOne
                ? "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
                : "multiple matches for labels: grouping labels must ensure unique matches");
        }

        result.Labels = labels;
        result.DropName = returnBool;
        AddToAnswer(result);
    }

    private void CombineFloats(Row a, Row b, ulong[] steps, Row result)
    {
        if (!op.IsComparison())
        {
            ElementwiseBinary.Arithmetic(op, a.Values, b.Values, result.Values);
            steps.CopyTo(result.Present, 0);
            return;
        }

        ElementwiseBinary.Compare(op, a.Values, b.Values, result.Present);
        if (returnBool)
        {
            for (var i = 0; i < Grid.Count; i++) result.Values[i] = Bits.Get(result.Present, i) ? 1 : 0;
            steps.CopyTo(result.Present, 0);
            return;
        }

        Bits.And(result.Present, steps);
        a.Values.CopyTo(result.Values, 0);
    }

    private void CombineSteps(Row a, Row b, ulong[] valid, Row result)
    {
        for (int i = Bits.Next(valid, 0); i >= 0; i = Bits.Next(valid, i + 1))
        {
            FloatHistogram? left = a.HistogramAt(i), right = b.HistogramAt(i), histogram = null;
            double value;
            bool keep;
            if (left is null && right is null && !op.IsTrim())
            {
                keep = !op.IsComparison() || ElementwiseBinary.Holds(op, a.Values[i], b.Values[i]);
                value = op.IsComparison() ? a.Values[i] : ElementwiseBinary.Scalar(op)(a.Values[i], b.Values[i]);
            }
            else
            {
                bool found = ElementwiseBinary.Mixed(op, a.Values[i], left, b.Values[i], right, out value, out histogram, out keep, out PairProblem problem);
                if (problem != PairProblem.None) _problems.Note(i, problem);
                if (!found)
                {
                    Bits.Unset(valid, i);
                    continue;
                }
            }

            if (returnBool) result.Set(i, keep ? 1 : 0);
            else if (keep && histogram is not null) result.Set(i, histogram);
            else if (keep) result.Set(i, value);
        }
    }

    private void AddToAnswer(Row result)
    {
        if (result.IsEmpty || _error is not null)
        {
            Pool.Return(result);
            return;
        }

        if (_unchecked || _byLabels.TryAdd(result.Labels, result))
        {
            _answer.Add(result);
            return;
        }

        Row target = _byLabels[result.Labels];
        int clash = Bits.FirstCommon(target.Present, result.Present);
        if (clash >= 0) Fail(clash, "vector cannot contain metrics with the same labelset");
        for (int i = Bits.Next(result.Present, 0); i >= 0; i = Bits.Next(result.Present, i + 1)) target.CopyStep(result, i, i);
        Pool.Return(result);
    }

    private void Fail(int step, string error)
    {
        if (step >= _errorStep) return;
        _errorStep = step;
        _error = error;
    }

    private Labels ResultLabels(Labels many, Labels one)
    {
        _builder.Clear();
        bool dropMetadata = _changesMetric || (returnBool && !Context.DelayedNameRemoval);
        foreach (var label in many)
        {
            if (dropMetadata && IsMetadata(label.Name)) continue;
            if (_oneToOne && matching.On != _groups.IsListed(label.Name)) continue;
            _builder.Add(label.Name, label.Value);
        }

        foreach (byte[] name in _included) _builder.Set(name, one.ValueOf(name));
        return _builder.ToLabels();
    }

    private static bool IsMetadata(ReadOnlySpan<byte> name) =>
        name.SequenceEqual(LabelNames.MetricNameUtf8) || name.SequenceEqual(MetadataLabels.Type) || name.SequenceEqual(MetadataLabels.Unit);

    /// <summary>The rows of the side that has one series a match group and step.</summary>
    private sealed class OneSide
    {
        private readonly List<Row>?[] _rows;

        public OneSide(List<Row> rows, int[] ordinals, int groups)
        {
            _rows = new List<Row>[groups];
            for (var i = 0; i < rows.Count; i++) (_rows[ordinals[i]] ??= []).Add(rows[i]);
        }

        public List<Row> Of(int ordinal) => _rows[ordinal] ?? [];
    }

    /// <summary>Which steps of a match group have a result already; with many-to-one matching, also for each set of result labels.</summary>
    private sealed class Matched(int groups, int words, bool oneToOne)
    {
        private readonly ulong[]?[] _steps = new ulong[groups][];
        private readonly Dictionary<(int, Labels), ulong[]> _byLabels = [];

        public ulong[]? Of(int ordinal) => _steps[ordinal];

        /// <summary>Adds steps; returns the first that was there already, or -1.</summary>
        public int Add(int ordinal, Labels labels, ulong[] steps)
        {
            ulong[] group = _steps[ordinal] ??= new ulong[words];
            int clash;
            if (oneToOne)
            {
                clash = Bits.FirstCommon(group, steps);
            }
            else
            {
                if (!_byLabels.TryGetValue((ordinal, labels), out ulong[]? there)) _byLabels.Add((ordinal, labels), there = new ulong[words]);
                clash = Bits.FirstCommon(there, steps);
                Bits.Or(there, steps);
            }

            Bits.Or(group, steps);
            return clash;
        }
    }
}
