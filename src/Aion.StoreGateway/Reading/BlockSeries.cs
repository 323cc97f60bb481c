using Aion.Model;
using Aion.Tsdb;

namespace Aion.StoreGateway;

/// <summary>A matching series of one block: its full label set, external labels included, and where its chunks lie.</summary>
internal readonly record struct BlockSeries(Labels Labels, ChunkMeta[] Chunks);
