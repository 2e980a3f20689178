import LoamSchema

/// A piece, of bounded size, of what turns a table of one version into that of another.
///
/// Rows go by ID, log rows by their number, events by their arrival: nothing says in which shard or slot they lay.
enum TableChange: Equatable {
  /// IDs, or numbers of log rows or events, that the newer version does not have: tombstones. They come first.
  case removed([UInt64])
  case rows(RowChanges)
  /// Rows that follow those the log has.
  case logRows(RowGroup)
  /// How far the log's inputs were read. Comes last.
  case logSources([LogSource])
  /// Events that follow those the timeline has, in the order of arrival.
  case events(first: UInt64, [Event])
  /// `nil`: the blob is removed.
  case blob(String, [UInt8]?)
}

/// Rows of an ID table, some thousand at a time.
struct RowChanges: Equatable {
  struct Column: Equatable {
    var name: String
    var stride: Int
    /// Bytes of one element, so that like bytes can be put side by side.
    var elementBytes: Int
    /// Each row XOR the one that the receiver has (the ID's initial one, where the ID is new): zero bytes, and mostly
    /// zero bytes, where little changed.
    var difference: [UInt8]
  }
  var ids: [ID]
  /// The IDs have no rows yet.
  var isNew: Bool
  /// Of new IDs; empty where none has a string.
  var strings: [String?] = []
  /// Columns in which no row differs are left out.
  var columns: [Column] = []

  static let rowsMax = 4_096
  static let bytesMax = 8 << 20
}
