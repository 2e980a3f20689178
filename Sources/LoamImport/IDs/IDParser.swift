import LoamIngest
import LoamKernels
import LoamSchema

/// An ID, and the string that it was made from; empty for integers.
struct ImportedID {
  var id: ID
  var string: ArraySlice<UInt8> = []
}

/// Turns what a file calls a row into the ID that the space would have for it.
struct IDParser {
  let space: String
  let kind: IDField.Kind
  /// What the file calls the rows of absent and unknown IDs.
  var missing: [UInt8]?
  var unknown: [UInt8]?

  func id(_ text: UnsafeRawBufferPointer, _ place: @autoclosure () -> String) throws(ImportError) -> ImportedID {
    if let missing, text.elementsEqual(missing) { return ImportedID(id: .missing) }
    if let unknown, text.elementsEqual(unknown) { return ImportedID(id: .unknown) }
    guard let start = text.baseAddress, !text.isEmpty else { throw refusal(place(), "an empty ID") }
    let bytes = Record.Text(start: start.assumingMemoryBound(to: UInt8.self), count: text.count)
    switch kind {
    case .integer:
      if let id = parseUnsigned(bytes), id <= ID.largest { return ImportedID(id: id) }
      throw refusal(
        place(),
        "\(String(decoding: text.prefix(80), as: UTF8.self).quoted) is no ID of \(space), whose IDs are whole "
          + "numbers from 0 to \(ID.largest)",
        hint: "Rows for absent and unknown IDs are named by --missing and --unknown.")
    case .string:
      if let reason = bytes.refusalAsString() { throw refusal(place(), reason) }
      let id = loam_hash_bytes(bytes.start, bytes.count)
      guard id <= ID.largest else { throw refusal(place(), "a string whose hash is a reserved ID") }
      return ImportedID(id: id, string: Array(text)[...])
    }
  }

  /// - Parameter allowsReserved: the file says what its reserved rows are: it was exported from a store.
  func id(_ number: UInt64, allowsReserved: Bool = false, _ place: @autoclosure () -> String) throws(ImportError)
    -> ImportedID
  {
    if allowsReserved && number > ID.largest { return ImportedID(id: number) }
    if kind == .integer, missing == nil, unknown == nil, number <= ID.largest { return ImportedID(id: number) }
    let text = Array("\(number)".utf8)
    // The standard library's withUnsafeBytes keeps no typed error, hence the Result.
    let found = place()
    return try text.withUnsafeBytes { bytes -> Result<ImportedID, ImportError> in
      do throws(ImportError) { return .success(try id(bytes, found)) } catch { return .failure(error) }
    }.get()
  }

  private func refusal(_ place: String, _ what: String, hint: String? = nil) -> ImportError {
    ImportError(.badID, "\(place): \(what)", hint: hint)
  }
}
