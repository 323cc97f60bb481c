namespace Aion.Model;

/// <summary>One pair of a label set; both spans point into the set's buffer.</summary>
public readonly ref struct LabelPair(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
{
    public ReadOnlySpan<byte> Name { get; } = name;

    public ReadOnlySpan<byte> Value { get; } = value;
}

/// <summary>Walks the pairs of a label set in name order without allocating.</summary>
public ref struct LabelEnumerator
{
    private readonly ReadOnlySpan<byte> _buffer;
    private int _position;

    internal LabelEnumerator(ReadOnlySpan<byte> buffer) => _buffer = buffer;

    public LabelPair Current { get; private set; }

    public bool MoveNext()
    {
        if (_position >= _buffer.Length) return false;
        ReadOnlySpan<byte> name = LabelCodec.ReadText(_buffer, _position, out _position);
        ReadOnlySpan<byte> value = LabelCodec.ReadText(_buffer, _position, out _position);
        Current = new LabelPair(name, value);
        return true;
    }
}
