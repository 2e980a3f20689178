import ArgumentParser
import LoamExport
import LoamPack
import LoamSchema
import LoamStore

struct Verify: LoamCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check every checksum, structure and root of a store, or every file of an export, a pack or a delta.",
    discussion: """
      The golden requests of an export are scored again with its files. Ends with code 3 where something is damaged.
      """)

  @Argument(help: "A store, or a directory that 'loam export' made.", completion: .directory)
  var path: String
  @Option(help: "Check this version only; all kept ones where not given.")
  var at: String?
  @Option(help: "Of a pack: the Ed25519 public key, PEM, that must have signed it.", completion: .file())
  var key: String?
  @OptionGroup var output: OutputOptions

  func answer(_ console: Console) throws -> Verified {
    if PackManifest.isPack(at: path) {
      let key = try key.map { try PackPublicKey(pem: try textFile($0)) }
      let pack = try FrozenPack(at: path, signedBy: key, checksDigest: true)
      try pack.verify()
      return Verified(path: path, pack: pack.manifest, isSigned: key != nil)
    }
    guard key == nil else { throw ValidationError("--key belongs to packs, and \(path) is none") }
    if Delta.isDelta(at: path) {
      return Verified(path: path, delta: try Delta.verify(path))
    }
    if ExportVerifier.isExport(at: path) {
      let report = try ExportVerifier.verify(path)
      try report.requireSound()
      return Verified(path: path, export: report)
    }
    let store = try Store.open(at: path, for: .read)
    let progress = console.progress("verify", unit: "tables")
    let report = try store.verify(at.map { [VersionReference($0)] }) { progress.update($0) }
    progress.clear()
    try report.requireSound()
    return Verified(path: path, report: report, seconds: progress.secondsElapsed)
  }
}

struct Verified: Report {
  var path: String
  /// `store`, `export`, `pack` or `delta`.
  var kind: String
  /// Of a store: version numbers. Of an export: the one it was made from. Of a delta: from where to where.
  var versions: [UInt64]
  var tables: Int
  var blocks: Int?
  var bytes: Int
  var files: Int?
  var unlisted: [String]?
  /// Of a pack: that it is signed by the key that was given.
  var isSigned: Bool?
  var seconds: Double?
  /// Golden requests that were scored again, and the largest difference to the scores that the model gave.
  var requests: Int?
  var largestDifference: Double?
  var isAnswer: Bool { false }

  init(path: String, export: ExportReport) {
    self.path = path
    kind = "export"
    versions = [export.manifest.version]
    tables = export.manifest.tables.count
    bytes = export.files.reduce(0) { $0 + $1.bytes }
    files = export.files.count + 1
    unlisted = export.unlisted
    (requests, largestDifference) = (export.replay?.rows, export.replay?.largestDifference)
  }

  init(path: String, delta: DeltaManifest) {
    self.path = path
    kind = "delta"
    versions = [delta.base.version, delta.target.version]
    tables = delta.tables.count
    bytes = delta.tables.reduce(0) { $0 + $1.bytes }
    files = delta.tables.count + 2
  }

  init(path: String, pack: PackManifest, isSigned: Bool) {
    self.path = path
    kind = "pack"
    self.isSigned = isSigned ? true : nil
    versions = [pack.version]
    tables = pack.tables.count
    bytes = pack.bytes
    files = 1
  }

  init(path: String, report: VerificationReport, seconds: Double) {
    self.path = path
    kind = "store"
    versions = report.versions
    tables = report.tables
    blocks = report.blocks
    bytes = report.bytes
    self.seconds = seconds
  }

  var page: Page {
    var page = Page(.title("\(path) is sound"))
    var facts = [("kind", kind), ("versions", versions.map { "\($0)" }.joined(separator: ", "))]
    facts.append(("tables checked", Quantity.count(tables)))
    if let blocks { facts.append(("blocks checked", Quantity.count(blocks))) }
    if let files { facts.append(("files checked", Quantity.count(files))) }
    facts.append(("bytes checked", Quantity.bytes(bytes)))
    if let requests, let largestDifference {
      facts.append(
        ("requests replayed", "\(Quantity.count(requests)), scores within \(Quantity.fixed(largestDifference, 7))"))
    }
    if let seconds { facts.append(("in", Quantity.seconds(seconds))) }
    if isSigned == true { facts.append(("signature", "of the key")) }
    if let unlisted, !unlisted.isEmpty { facts.append(("not in the manifest", unlisted.joined(separator: ", "))) }
    page.add(.table(.facts(facts)))
    return page
  }
}
