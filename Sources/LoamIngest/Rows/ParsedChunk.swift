import LoamStore

/// What a chunk's records have become.
struct ParsedChunk {
  /// Codes of an ID column are in order of first appearance, without gaps.
  var group = RowGroup()
  /// By ID space: one tally, or one of each of its fields in their order. Valid until their parser has the next chunk.
  var tallies: [[SpaceTally]] = []
  /// Of each row, where the schema has a row key.
  var keys: [RowKey] = []
  /// The record that each row was; empty where every record is one.
  var records: [Int] = []
  /// Rows left out because their key was met before.
  var repeated = 0
  /// Malformed records, in order.
  var bad: [BadRow] = []
  /// Why the records after those were not parsed.
  var failure: IngestError?
}
