namespace Aion.Tsdb;

/// <summary>Writes start timestamps, the twin of <see cref="StartTimeReader"/>.</summary>
internal struct StartTimeWriter
{
    /// <summary>The header has seven bits for the first change: from this sample on a start is always written.</summary>
    private const int LastChange = 127;

    private long _startMs;
    private long _distance;
    private int _changesFrom;
    private bool _firstIsKnown;

    /// <summary>The byte in the chunk's header.</summary>
    public readonly byte Header => (byte)((_firstIsKnown ? 0x80 : 0) | _changesFrom);

    public void WriteFirst(BitWriter writer, long timeMs, long startMs)
    {
        _startMs = startMs;
        if (startMs == 0) return;
        _firstIsKnown = true;
        writer.WriteVarint(unchecked(timeMs - startMs));
    }

    public void WriteNext(BitWriter writer, int index, long previousTimeMs, long startMs)
    {
        if (_changesFrom == 0)
        {
            if (startMs == _startMs && index != LastChange) return;
            _changesFrom = index;
        }

        long distance = unchecked(previousTimeMs - startMs);
        writer.WriteVarbitInt(unchecked(distance - _distance));
        _distance = distance;
        _startMs = startMs;
    }
}
