/// The columns that every ID table has. User columns have numbers from 16 up.
///
/// ```
///   column 0   block 0          IDTableMeta: slots, free ones among them, generation
///   column 1   (1 << d) | p     index block: the IDs whose hash has the d-bit prefix p
///   column 2   slot / rows      ID of each slot
///   column 3   slot / 256       string of each slot (string spaces)
///   column 4   slot / 32,256    slots without an ID
///   column 16+ slot / rows      user columns
/// ```
enum IDTableLayout {
  static let meta: UInt16 = 0
  static let index: UInt16 = 1
  static let ids: UInt16 = 2
  static let dictionary: UInt16 = 3
  static let free: UInt16 = 4
  static let firstUserColumn: UInt16 = 16

  static let stringsPerBlock = 256
  /// The last slot numbers mean "absent" in the index.
  static let slotsMax = UInt32.max - 1

  static let idColumn = ColumnSpec("/id", .u64, number: ids)
  /// Names in row hashes; the slash keeps them apart from user columns.
  static let idSalt = RowHash.salt("/id")
  static let stringSalt = RowHash.salt("/string")
  static let generationSalt = RowHash.salt("/generation")
}
