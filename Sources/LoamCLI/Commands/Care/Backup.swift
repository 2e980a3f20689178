import ArgumentParser
import LoamStore

struct Backup: LoamCommand {
  static let configuration = CommandConfiguration(
    abstract: "Copy every kept version into a new directory while others read and write.",
    discussion: """
      The copy is opened and every block's checksum compared before the directory gets its name. \
      'loam restore' makes a store of it.
      """)

  @OptionGroup var path: StoreArgument
  @Option(name: [.customShort("o"), .customLong("output")], help: "The directory to make.", completion: .directory)
  var directory: String
  @OptionGroup var output: OutputOptions

  func answer(_ console: Console) throws -> BackupMade {
    let store = try path.open(for: .write)
    let progress = console.progress("backup", unit: "files", total: store.shardCount + 1)
    let manifest = try store.backup(to: directory) { progress.next($0) }
    progress.clear()
    return BackupMade(store: path.store, backup: directory, manifest, seconds: progress.secondsElapsed)
  }
}

struct BackupMade: Report {
  var store: String
  var backup: String
  var backupID: String
  var versions: [UInt64]
  var blocks: Int
  var bytes: Int
  var seconds: Double
  var isAnswer: Bool { false }

  init(store: String, backup: String, _ manifest: BackupManifest, seconds: Double) {
    self.store = store
    self.backup = backup
    backupID = manifest.backupID
    versions = manifest.versions
    blocks = manifest.blocks
    bytes = manifest.bytes
    self.seconds = seconds
  }

  var page: Page {
    var page = Page(.title("\(backup) holds \(Quantity.count(versions.count, "version")) of \(store)"))
    page.facts(
      ("versions", versions.map { "\($0)" }.joined(separator: ", ")), ("blocks checked", Quantity.count(blocks)),
      ("size", Quantity.bytes(bytes)), ("in", Quantity.seconds(seconds)))
    page.add(.hint("loam restore \(backup) NEW-STORE"))
    return page
  }
}
