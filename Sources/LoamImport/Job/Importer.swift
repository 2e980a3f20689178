import LoamSchema
import LoamStore

/// Brings vectors that were made elsewhere into a store: as a frozen table, or as rows of a trained model.
///
/// ```
///   file ─▶ read whole, checked to its last byte ─▶ read again, stored ─▶ one version
///           nothing was begun: a refusal leaves no trace
/// ```
///
/// A frozen table `NAME/SPACE` has the column `vector` and no optimizer's; lookups, similarity and views read it as they
/// read a model's. Its IDs are those of the space: strings are hashed, and kept in the space's dictionary.
///
/// ```swift
/// let report = try Importer(store, ImportOptions(table: "word2vec/word")).run("GoogleNews-vectors.bin.gz")
/// ```
public struct Importer {
  private let store: Store
  private let options: ImportOptions

  public init(_ store: Store, _ options: ImportOptions) { (self.store, self.options) = (store, options) }

  /// Memory: 64 MiB, 48 bytes a row and the strings; and of the table's blocks what `ImportOptions.dirtyBytesMax` allows.
  ///
  /// - Throws: codes of `import`; those of `export` for a safetensors file that breaks its format, of `ingest` for
  ///   damaged compressed data, of `store` as they come. `store.table-busy`: somebody writes the table or, where IDs
  ///   are strings, the space's dictionary: repeat.
  public func run(_ path: String, progress: (ImportProgress) -> Void = { _ in }) throws(ImportError) -> ImportReport {
    let started = ContinuousClock.now
    let latest = try ImportError.passing { () throws(StoreError) in try store.snapshot() }
    let target = try ImportTarget(latest, options)
    let ids = IDParser(
      space: target.space, kind: target.kind, missing: options.missing.map { Array($0.utf8) },
      unknown: options.unknown.map { Array($0.utf8) })
    let file = try VectorFile(path, options, ids)
    let vectors = try CheckedVectors(file, options, type: target.type, dimension: target.dimension, progress: progress)
    let write = try ImportError.passing { () throws(StoreError) in
      try ImportWrite(store, target, vectors, options)
    }
    // After the publish there is nothing left to abandon.
    defer { write.abandon() }
    var pass = VectorPass(try file.open(), to: vectors.type, options, path)
    while try pass.next() {
      try ImportError.passing { () throws(StoreError) in try write.add(pass) }
      progress(pass.progress(.storing))
    }
    guard pass.digest == vectors.digest else {
      throw ImportError(.changed, "\(path) was written to while it was imported", hint: "Repeat; nothing was stored.")
    }
    let note = options.note ?? "import \(vectors.rows) rows into \(options.table)"
    let published = try ImportError.passing { () throws(StoreError) in try write.publish(note: note) }
    let (seconds, attoseconds) = (ContinuousClock.now - started).components
    return ImportReport(
      table: options.table, version: published.version, format: vectors.format, rows: vectors.rows,
      dimension: vectors.dimension, type: vectors.type,
      convertedFrom: vectors.from.kept == vectors.type && vectors.from != .f64 ? nil : vectors.from.rawValue,
      skipped: vectors.skipped, nonfinite: vectors.nonfinite, vectorRoot: published.root,
      seconds: Double(seconds) + Double(attoseconds) / 1e18)
  }
}
