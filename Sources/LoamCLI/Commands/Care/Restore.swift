import ArgumentParser
import LoamStore

struct Restore: LoamCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a store of a backup.",
    discussion: "The backup stays as it is. The new store has a store ID of its own.")

  @Argument(help: "A directory that 'loam backup' made.", completion: .directory)
  var backup: String
  @Argument(help: "The new store's directory, which must not exist.", completion: .directory)
  var store: String
  @OptionGroup var output: OutputOptions

  func answer(_ console: Console) throws -> StoreRestored {
    let total = try BackupManifest(at: backup).files.count
    let progress = console.progress("restore", unit: "files", total: total)
    let report = try Store.restore(backup, to: store) { progress.next($0) }
    progress.clear()
    return StoreRestored(store: store, backup: backup, report, seconds: progress.secondsElapsed)
  }
}

struct StoreRestored: Report {
  var store: String
  var backup: String
  var storeID: String
  var latest: UInt64
  var versions: [UInt64]
  var bytes: Int
  /// Written while the backup was being made, and of no version of it.
  var blocksRemoved: Int
  var seconds: Double
  var isAnswer: Bool { false }

  init(store: String, backup: String, _ report: RestoreReport, seconds: Double) {
    self.store = store
    self.backup = backup
    storeID = report.storeID
    latest = report.latest
    versions = report.versions
    bytes = report.bytes
    blocksRemoved = report.blocksRemoved
    self.seconds = seconds
  }

  var page: Page {
    var page = Page(.title("\(store) is restored: \(Quantity.count(versions.count, "version")), latest \(latest)"))
    page.facts(
      ("store ID", storeID), ("size", Quantity.bytes(bytes)),
      ("blocks of no version removed", Quantity.count(blocksRemoved)), ("in", Quantity.seconds(seconds)))
    page.add(.hint("loam verify \(store)"))
    return page
  }
}
