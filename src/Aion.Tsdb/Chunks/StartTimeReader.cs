namespace Aion.Tsdb;

/// <summary>
/// Start timestamps of the newer encodings (format notes F-6.27 … F-6.32): kept as the distance of the start from a sample's time, from
/// the sample named in the header on as changes of that distance.
/// </summary>
internal struct StartTimeReader(byte header)
{
    private readonly bool _firstIsKnown = (header & 0x80) != 0;
    private readonly int _changesFrom = header & 0x7F;
    private long _distance;

    /// <summary>Of the sample read last, in milliseconds; 0 = unknown.</summary>
    public long StartMs { get; private set; }

    public void ReadFirst(ref BitReader reader, long timeMs)
    {
        if (_firstIsKnown) StartMs = unchecked(timeMs - reader.ReadVarint());
    }

    public void ReadNext(ref BitReader reader, int index, long previousTimeMs)
    {
        if (_changesFrom == 0 || index < _changesFrom) return;
        long read = reader.ReadVarbitInt();
        _distance = unchecked(index == _changesFrom ? read : _distance + read);
        StartMs = unchecked(previousTimeMs - _distance);
    }
}
