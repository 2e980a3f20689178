import LoamKernels
import LoamSchema
import LoamStore

/// What the first reading of a file found: everything in it was checked, nothing was kept but the IDs.
struct CheckedVectors {
  let format: ImportFormat
  let from: ElementType
  let type: DataType
  let dimension: Int
  /// Rows to be stored.
  private(set) var rows = 0
  private(set) var skipped = 0
  private(set) var nonfinite = 0
  /// Of all rows that are to be stored, with their IDs.
  private(set) var digest: UInt64 = 0

  /// Reads the whole file. Memory: 8 bytes a row.
  ///
  /// - Throws: `import.malformed` and the like for what the file is; `import.nonfinite`; `import.duplicate-id`.
  ///   `import.mismatch` where vectors of another dimension are expected.
  init(
    _ file: VectorFile, _ options: ImportOptions, type: DataType?, dimension expected: Int?,
    progress: (ImportProgress) -> Void
  ) throws(ImportError) {
    let source = try file.open()
    (format, from, dimension) = (source.format, source.type, source.dimension)
    if let expected, dimension != expected {
      throw ImportError(.mismatch, "\(file.path) has vectors of \(dimension) numbers, \(options.table) of \(expected)")
    }
    self.type = type ?? from.kept
    var pass = VectorPass(source, to: self.type, options, file.path)
    var ids: [ID] = []
    while try pass.next() {
      for row in pass.kept { ids.append(pass.batch.ids[row]) }
      progress(pass.progress(.checking))
    }
    (rows, skipped, nonfinite, digest) = (ids.count, pass.skipped, pass.nonfinite, pass.digest)
    guard rows > 0 else { throw ImportError(.malformed, "\(file.path): no row of it is left to be stored") }
    // Exports have them in order.
    if zip(ids, ids.dropFirst()).contains(where: { $0 > $1 }) { ids.sort() }
    if let index = ids.indices.dropFirst().first(where: { ids[$0] == ids[$0 - 1] }) {
      throw try Self.duplicate(ids[index], file)
    }
  }

  /// Reads again up to the second place of the ID.
  private static func duplicate(_ id: ID, _ file: VectorFile) throws(ImportError) -> ImportError {
    let source = try file.open()
    let batch = VectorBatch(stride: source.dimension * source.type.size)
    var first: (place: Int, text: String)?
    while true {
      try source.next(batch)
      if batch.count == 0 { break }
      for row in 0..<batch.count where batch.ids[row] == id {
        guard let first else {
          first = (batch.places[row], batch.text(row))
          continue
        }
        let second = batch.text(row)
        let name = source.placeName
        let what =
          first.text == second ? "the ID \(second) stands" : "\(first.text) and \(second) are one ID, which stands"
        return ImportError(
          .duplicateID, "\(file.path): \(what) in \(name) \(first.place) and in \(name) \(batch.places[row])",
          hint: "Take one of the two out of the file.")
      }
    }
    return ImportError(.changed, "\(file.path) was written to while it was read", hint: "Repeat.")
  }
}
