import LoamStore

/// What a chunk's records have become.
struct ParsedChunk {
  /// Codes of an ID column are in order of first appearance, without gaps.
  var group = RowGroup()
  /// By ID space: one tally, or one of each of its fields in their order. Valid until their parser has the next chunk.
  var tallies: [[SpaceTally]] = []
  /// Malformed records, in order.
  var bad: [BadRow] = []
  /// Why the records after those were not parsed.
  var failure: IngestError?
}
