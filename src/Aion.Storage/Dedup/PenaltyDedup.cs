namespace Aion.Storage;

/// <summary>
/// Merges the samples of two replicas of one series: stays with one replica while it delivers, and after a gap takes the other only
/// when that is ahead by more than the penalty, twice the last step. The result has no denser spacing than the replicas (Q-4.10 … ).
/// </summary>
public static class PenaltyDedup
{
    private const long InitialPenaltyMs = 5_000;

    /// <summary>Longest step that still doubles without overflow.</summary>
    private const long MaxStepMs = long.MaxValue / 4;

    /// <summary>Folds replicas from left to right; the result is appended to <paramref name="into"/>.</summary>
    /// <param name="replicas">At least one; each ascending by time, one sample a timestamp. Used as scratch.</param>
    /// <param name="adjustCounters">Lifts a replica's floats when a switch to it would look like a counter reset.</param>
    /// <param name="into">Takes the merged samples.</param>
    public static void Merge(IReadOnlyList<SampleBuffer> replicas, bool adjustCounters, SampleBuffer into)
    {
        SampleBuffer merged = replicas[0];
        for (var i = 1; i < replicas.Count - 1; i++)
        {
            var next = new SampleBuffer();
            Merge(merged, replicas[i], adjustCounters, next);
            merged = next;
        }

        if (replicas.Count == 1) into.AddRange(merged, 0, merged.Count);
        else Merge(merged, replicas[^1], adjustCounters, into);
    }

    /// <summary>Merges two replicas; the result is appended to <paramref name="into"/>, which is neither of them.</summary>
    public static void Merge(SampleBuffer a, SampleBuffer b, bool adjustCounters, SampleBuffer into)
    {
        var left = new Replica(a);
        var right = new Replica(b);
        var run = new Run(into);
        var last = 0L;
        var isFirst = true;
        var useLeft = true;
        while (true)
        {
            bool wasLeft = useLeft;
            var lastValue = 0d;
            bool lastIsFloat = adjustCounters && (useLeft ? left.TryFloat(out lastValue) : right.TryFloat(out lastValue));
            if (!isFirst)
            {
                left.SeekPast(last);
                right.SeekPast(last);
            }

            if (left.AtEnd && right.AtEnd) break;
            if (left.AtEnd || right.AtEnd)
            {
                useLeft = right.AtEnd;
            }
            else
            {
                useLeft = left.Time <= right.Time;
                long penalty = isFirst ? InitialPenaltyMs : Twice((useLeft ? left.Time : right.Time) - last);
                if (useLeft) right.PenaltyMs = penalty;
                else left.PenaltyMs = penalty;
            }

            isFirst = false;
            if (useLeft)
            {
                left.PenaltyMs = 0;
                last = left.Time;
            }
            else
            {
                right.PenaltyMs = 0;
                last = right.Time;
            }

            if (lastIsFloat && useLeft != wasLeft)
            {
                left.Lift(lastValue);
                right.Lift(lastValue);
            }

            if (useLeft) run.Add(left);
            else run.Add(right);
        }

        run.Flush();
    }

    private static long Twice(long step) => step is < 0 or > MaxStepMs ? 2 * MaxStepMs : 2 * step;

    /// <summary>A position in one replica's samples.</summary>
    private ref struct Replica(SampleBuffer buffer)
    {
        private readonly ReadOnlySpan<long> _times = buffer.Times;

        public readonly SampleBuffer Buffer => buffer;

        public int Index { get; private set; }

        public long PenaltyMs { get; set; }

        /// <summary>What was added to this replica's floats so far.</summary>
        public double Lifted { get; private set; }

        public readonly bool AtEnd => Index >= _times.Length;

        public readonly long Time => _times[Index];

        public void SeekPast(long last)
        {
            if (last > long.MaxValue - 1 - PenaltyMs)
            {
                Index = _times.Length;
                return;
            }

            long target = last + 1 + PenaltyMs;
            while (Index < _times.Length && _times[Index] < target) Index++;
        }

        public readonly bool TryFloat(out double value)
        {
            bool isFloat = !AtEnd && (!buffer.HasHistograms || buffer.Histograms[Index] is null);
            value = isFloat ? buffer.Values[Index] + Lifted : 0;
            return isFloat;
        }

        public void Lift(double lastValue)
        {
            if (TryFloat(out double value) && lastValue > value) Lifted += lastValue - value;
        }
    }

    /// <summary>Collects neighbouring samples of one replica, to copy them at once.</summary>
    private struct Run(SampleBuffer target)
    {
        private SampleBuffer? _source;
        private int _from;
        private int _count;

        public void Add(in Replica replica)
        {
            if (replica.Lifted != 0 && replica.TryFloat(out double value))
            {
                Flush();
                target.Add(replica.Time, value);
                return;
            }

            if (ReferenceEquals(_source, replica.Buffer) && _from + _count == replica.Index)
            {
                _count++;
                return;
            }

            Flush();
            _source = replica.Buffer;
            _from = replica.Index;
            _count = 1;
        }

        public void Flush()
        {
            if (_count > 0) target.AddRange(_source!, _from, _count);
            _count = 0;
        }
    }
}
