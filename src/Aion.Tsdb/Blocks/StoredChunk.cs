namespace Aion.Tsdb;

/// <summary>A chunk as it stands in a segment file: length, encoding, data and checksum (format notes F-5.2).</summary>
/// <param name="MinTimeMs">First sample, inclusive.</param>
/// <param name="MaxTimeMs">Last sample, inclusive.</param>
/// <param name="Record">The whole record; whoever made it has checked or computed its checksum.</param>
public readonly record struct StoredChunk(long MinTimeMs, long MaxTimeMs, ReadOnlyMemory<byte> Record);
