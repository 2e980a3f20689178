import Foundation
import LoamExport
import LoamSchema

/// A file of vectors that can be read again from its beginning.
struct VectorFile {
  let path: String
  let options: ImportOptions
  let ids: IDParser
  private let format: ImportFormat

  init(_ path: String, _ options: ImportOptions, _ ids: IDParser) throws(ImportError) {
    (self.path, self.options, self.ids) = (path, options, ids)
    let format = if let given = options.format { given } else { try Self.format(of: path) }
    let ownsIDs = ![.npy, .npz, .safetensors].contains(format)
    if ownsIDs, options.ids != .own || options.tensor != nil {
      throw ImportError(
        .mismatch, "\(path): a \(format.rawValue) file names the IDs of its vectors itself",
        hint: "Leave out --ids and --tensor.")
    }
    if options.idColumn != nil, format != .csv, format != .tsv {
      throw ImportError(.mismatch, "\(path): only csv and tsv have a column of IDs, not \(format.rawValue)")
    }
    self.format = format
  }

  private static func format(of path: String) throws(ImportError) -> ImportFormat {
    let stream = try Self.isZip(path) ? nil : ByteStream(try FileFeed(path))
    guard let stream else { return .npz }
    let head = try stream.peek(64)
    if NPYArray.begins(head) { return .npy }
    if let format = ImportFormat(fileName: path) { return format }
    if path.lowercased().contains(".txt") {
      let line = try stream.line()
      return line.flatMap { Word2VecHeader.numbers($0) } == nil ? .glove : .word2vecText
    }
    throw ImportError(
      .unknownFormat, "\(path): neither its name nor its first bytes say what it is",
      hint: "Say it: --format \(ImportFormat.allCases.map(\.rawValue).joined(separator: ", ")).")
  }

  private static func isZip(_ path: String) throws(ImportError) -> Bool {
    // A pipe would wait for its writer.
    _ = try FileFeed.byteCount(path)
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw ImportError(.missing, "cannot open \(path): \(String(cString: strerror(errno)))")
    }
    defer { try? handle.close() }
    return (try? handle.read(upToCount: 4))?.elementsEqual([0x50, 0x4B, 3, 4]) ?? false
  }

  func open() throws(ImportError) -> any VectorSource {
    switch format {
    case .safetensors: return try safetensors()
    case .npz: return try npz()
    case .npy:
      let array = try NPYArray(try FileFeed(path))
      guard let own = try companion(rows: array.header.shape.first) else {
        return try ArraySource(.npy, array, try noIDs("a .npy file has none"))
      }
      return try ArraySource(.npy, array, own)
    case .word2vec: return try Word2VecSource(try FileFeed(path), ids)
    case .word2vecText, .glove, .csv, .tsv:
      return try TextSource(format, try FileFeed(path), ids, idColumn: options.idColumn)
    }
  }

  private func noIDs(_ why: String) throws(ImportError) -> any IDFeed {
    throw ImportError(
      .noIDs, "\(path): nothing says which IDs its rows belong to: \(why)",
      hint: "--ids row, where the ID is the number of the row; or --ids FILE with one ID a line.")
  }

  /// IDs from outside the file; `nil` where they are in it.
  private func companion(rows: Int?) throws(ImportError) -> (any IDFeed)? {
    switch options.ids {
    case .rowNumbers: return RowNumberIDs(ids, file: path)
    case .file(let other):
      guard ImportFormat(fileName: other) == .npy else { return try LineIDs(ids, other) }
      return try NumberIDs(ids, try NPYArray(try FileFeed(other)), rows: rows)
    case .own: return nil
    case .named(let name):
      if format != .npy { return nil }
      throw ImportError(.noIDs, "\(path): a .npy file has one array, and none called \(name.quoted)")
    }
  }

  private func npz() throws(ImportError) -> any VectorSource {
    let archive = try ZipArchive(path)
    var wanted = options.tensor
    var idName: String?
    if case .named(let name) = options.ids { idName = name }
    if options.ids == .own, archive.entries.contains(where: { $0.name == "ids.npy" }) { idName = "ids" }
    let others = archive.entries.filter { $0.name != idName.map { $0 + ".npy" } && $0.name.hasSuffix(".npy") }
    if wanted == nil, others.count == 1 { wanted = String(others[0].name.dropLast(4)) }
    let array = try NPYArray(try feed(wanted, archive, "vectors", "--tensor"))
    if let own = try companion(rows: array.header.shape.first) { return try ArraySource(.npz, array, own) }
    guard let idName else {
      return try ArraySource(.npz, array, try noIDs("the archive has no array 'ids'"))
    }
    let numbers = try NPYArray(try feed(idName, archive, "IDs", "--ids"))
    return try ArraySource(.npz, array, try NumberIDs(ids, numbers, rows: array.header.shape.first))
  }

  private func feed(_ name: String?, _ archive: ZipArchive, _ what: String, _ option: String) throws(ImportError)
    -> ZipEntryFeed
  {
    let names = archive.entries.filter { $0.name.hasSuffix(".npy") }.map { String($0.name.dropLast(4)) }
    guard let name, let entry = archive.entries.first(where: { $0.name == name + ".npy" }) else {
      throw ImportError(
        .unknownTensor,
        "\(path): which array holds the \(what)?"
          + (name.map { " There is none called \($0.quoted)." } ?? ""),
        hint: "\(option) NAME; it has: \(names.prefix(20).joined(separator: ", ")).")
    }
    return try ZipEntryFeed(archive, entry)
  }

  private func safetensors() throws(ImportError) -> any VectorSource {
    // Of a path that the user named a link is followed; the reader itself follows none.
    let resolved = URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false)
    let reader = try ImportError.passing { () throws(ExportError) in try SafetensorsReader(at: resolved) }
    let tensor = try vectors(reader)
    let rows = tensor.shape.first ?? 0
    if let own = try companion(rows: rows) { return try SafetensorsSource(reader, path, tensor, own) }
    var name = "ids"
    if case .named(let given) = options.ids { name = given }
    guard let numbers = reader.tensor(name) else {
      return try SafetensorsSource(reader, path, tensor, try noIDs("it has no tensor \(name.quoted)"))
    }
    return try SafetensorsSource(
      reader, path, tensor, try TensorIDs(ids, reader, path, numbers, rows: rows))
  }

  private func vectors(_ reader: SafetensorsReader) throws(ImportError) -> SafetensorsTensor {
    let candidates = reader.header.tensors.filter { ElementType($0.type) != nil && $0.shape.count == 2 }
    let name =
      options.tensor ?? (reader.tensor("rows") != nil ? "rows" : candidates.count == 1 ? candidates[0].name : nil)
    guard let name, let tensor = reader.tensor(name) else {
      throw ImportError(
        .unknownTensor,
        "\(path): which tensor holds the vectors?"
          + (options.tensor.map { " There is none called \($0.quoted)." } ?? ""),
        hint: "--tensor NAME; it has: "
          + reader.header.tensors.prefix(20).map { "\($0.name.quoted) \($0.type.rawValue) \($0.shape)" }
          .joined(separator: ", "))
    }
    return tensor
  }
}
