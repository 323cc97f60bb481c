using System.Text;

namespace Aion.Model;

/// <summary>
/// Makes label sets. <c>Add</c> appends pairs that already come in name order; <see cref="Set(string,string)"/> and
/// <see cref="Remove(ReadOnlySpan{byte})"/> edit in any order. Reusable after <see cref="Clear"/>; not thread-safe.
/// </summary>
public sealed class LabelsBuilder
{
    private byte[] _text = new byte[256];
    private int _textLength;
    private Entry[] _entries = new Entry[16];
    private int _count;
    private bool _sorted = true;

    public LabelsBuilder()
    {
    }

    public LabelsBuilder(Labels source) => Reset(source);

    public int Count => _count;

    public void Clear()
    {
        _textLength = 0;
        _count = 0;
        _sorted = true;
    }

    public void Reset(Labels source)
    {
        Clear();
        foreach (var label in source) Add(label.Name, label.Value);
    }

    /// <summary>Appends a pair without looking for an earlier one of the same name.</summary>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (_count == _entries.Length) Array.Resize(ref _entries, _count * 2);
        int start = Append(name);
        int valueStart = Append(value);
        var entry = new Entry(start, name.Length, valueStart, value.Length);
        if (_count > 0 && _sorted && NameOf(_entries[_count - 1]).SequenceCompareTo(name) >= 0) _sorted = false;
        _entries[_count++] = entry;
    }

    public void Add(string name, string value) => Add(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));

    /// <summary>Adds or replaces a pair; an empty value removes it, since an absent label and an empty one are the same.</summary>
    public void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        int at = IndexOf(name);
        if (value.IsEmpty)
        {
            if (at >= 0) RemoveAt(at);
            return;
        }

        if (at < 0)
        {
            Add(name, value);
            return;
        }

        int valueStart = Append(value);
        _entries[at] = _entries[at] with { ValueStart = valueStart, ValueLength = value.Length };
    }

    public void Set(string name, string value) => Set(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));

    public void Remove(ReadOnlySpan<byte> name)
    {
        int at = IndexOf(name);
        if (at >= 0) RemoveAt(at);
    }

    public void Remove(string name) => Remove(Encoding.UTF8.GetBytes(name));

    public ReadOnlySpan<byte> ValueOf(ReadOnlySpan<byte> name)
    {
        int at = IndexOf(name);
        return at < 0 ? default : _text.AsSpan(_entries[at].ValueStart, _entries[at].ValueLength);
    }

    /// <summary>Returns the pairs as a set, sorted by name; the builder keeps its content.</summary>
    public Labels ToLabels()
    {
        if (_count == 0) return Labels.Empty;
        if (!_sorted) Sort();
        var size = 0;
        for (var i = 0; i < _count; i++) size += LabelCodec.SizeOf(_entries[i].NameLength) + LabelCodec.SizeOf(_entries[i].ValueLength);
        var buffer = GC.AllocateUninitializedArray<byte>(size);
        var position = 0;
        for (var i = 0; i < _count; i++)
        {
            position = LabelCodec.WriteText(buffer, position, NameOf(_entries[i]));
            position = LabelCodec.WriteText(buffer, position, _text.AsSpan(_entries[i].ValueStart, _entries[i].ValueLength));
        }

        return new Labels(buffer);
    }

    private ReadOnlySpan<byte> NameOf(in Entry entry) => _text.AsSpan(entry.NameStart, entry.NameLength);

    private int Append(ReadOnlySpan<byte> text)
    {
        if (_textLength + text.Length > _text.Length)
            Array.Resize(ref _text, Math.Max(_text.Length * 2, _textLength + text.Length));
        text.CopyTo(_text.AsSpan(_textLength));
        int start = _textLength;
        _textLength += text.Length;
        return start;
    }

    private int IndexOf(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < _count; i++)
            if (NameOf(_entries[i]).SequenceEqual(name)) return i;
        return -1;
    }

    private void RemoveAt(int at)
    {
        _count--;
        Array.Copy(_entries, at + 1, _entries, at, _count - at);
    }

    private void Sort()
    {
        // Insertion sort: sets are small and nearly sorted, and a stable order keeps duplicates as given.
        for (var i = 1; i < _count; i++)
        {
            Entry entry = _entries[i];
            int at = i - 1;
            while (at >= 0 && NameOf(_entries[at]).SequenceCompareTo(NameOf(entry)) > 0)
            {
                _entries[at + 1] = _entries[at];
                at--;
            }

            _entries[at + 1] = entry;
        }

        _sorted = true;
    }

    private readonly record struct Entry(int NameStart, int NameLength, int ValueStart, int ValueLength);
}
