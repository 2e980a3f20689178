import Foundation
import Testing

/// A disk that is full in the middle of the work: exit code 5, the store whole; with more room the same command ends.
///
/// A small tmpfs is the disk, so these tests need the right to mount one and say so where they have it not.
@Suite(.serialized) struct BadInputFullDiskTests {
  let place: BadInputPlace
  let disk: SmallDisk?

  init() throws {
    place = try BadInputPlace()
    disk = try SmallDisk(in: place, at: "disk")
    if disk == nil { print("full disk: skipped, this process may not mount a tmpfs") }
    if disk != nil { try FileManager.default.copyItem(atPath: place.store, toPath: place.folder("disk/s.loam")) }
  }

  private func runsIntoTheEnd(_ arguments: [String], freeKiB: Int, _ code: String) throws {
    guard let disk else { return }
    let store = place.folder("disk/s.loam")
    let before = try place.state(of: store)
    try disk.leave(kib: freeKiB)
    for _ in 0..<2 {
      let outcome = try place.run(arguments)
      #expect(outcome.status == 5 && !outcome.wasKilled, "\(outcome.errors)")
      #expect(outcome.errors.contains("[\(code)]") && outcome.errors.contains(place.filled("$/disk/")))
      #expect(outcome.errors.contains("Free space"), "\(outcome.errors)")
      #expect(try place.state(of: store) == before)
      #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == ["s.loam"])
    }
    try disk.leave(kib: 60 << 10)
    try place.prepare(arguments)
    #expect(try place.state(of: store).problems == [])
  }

  @Test func anIngest() throws {
    try place.folder.write(BadInputPlace.header + BadInputPlace.rows(5_000, items: 4_999), to: "many.csv")
    try runsIntoTheEnd(
      ["ingest", "$/disk/s.loam", "$/many.csv", "--log", "more"], freeKiB: 400, "store.disk-full")
  }

  @Test func aTraining() throws {
    try runsIntoTheEnd(
      ["train", "$/disk/s.loam", "--config", "$/model.yaml", "--set", "name=wide", "--set", "fields.dimension=512"],
      freeKiB: 400, "store.disk-full")
  }

  @Test func anExport() throws {
    try runsIntoTheEnd(["export", "$/disk/s.loam", "--output", "$/disk/out"], freeKiB: 8, "export.disk-full")
  }

  @Test func aStoreThatIsMade() throws {
    guard let disk else { return }
    try disk.leave(kib: 64)
    let made = ["init", "$/disk/new.loam", "--schema", "$/schema.yaml"]
    let outcome = try place.run(made)
    #expect(outcome.status == 5 && outcome.errors.contains("[store.disk-full]"), "\(outcome.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == ["s.loam"])
    try disk.leave(kib: 60 << 10)
    try place.prepare(made)
  }

  @Test func aDirectoryThatMayNotBeWritten() throws {
    guard geteuid() != 0 else { return print("read-only directory: skipped, root may write everywhere") }
    try FileManager.default.createDirectory(
      atPath: place.folder("closed"), withIntermediateDirectories: true, attributes: [.posixPermissions: 0o500])
    for arguments in [
      ["init", "$/closed/s.loam", "--schema", "$/schema.yaml"], ["export", "$/s.loam", "--output", "$/closed/out"],
    ] {
      let outcome = try place.run(arguments)
      #expect(outcome.status == 1 && outcome.errors.contains(place.filled("$/closed")), "\(outcome.errors)")
      #expect(outcome.errors.contains("Permission denied"), "\(outcome.errors)")
    }
  }
}

/// A tmpfs of a size that can be set; goes with its owner.
final class SmallDisk {
  let path: String
  /// Held, so that its folder is removed after the disk has gone from it.
  private let place: BadInputPlace

  /// `nil` where the process may not mount.
  init?(in place: BadInputPlace, at name: String) throws {
    (self.place, path) = (place, place.folder(name))
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    guard geteuid() == 0, try Self.run("mount", "-t", "tmpfs", "-o", "size=64m", "none", path) else { return nil }
  }

  deinit { _ = try? Self.run("umount", "-l", path) }

  /// Makes the disk so small, or so large, that this much is free.
  func leave(kib: Int) throws {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { throw POSIXError(.EIO) }
    let usedKiB = Int(status.f_blocks - status.f_bfree) * Int(status.f_frsize) / 1_024
    #expect(try Self.run("mount", "-o", "remount,size=\(usedKiB + kib)k", path))
  }

  private static func run(_ arguments: String...) throws -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}
