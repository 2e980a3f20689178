import Foundation
import LoamSchema
import LoamStore
import Testing

/// Disks of 4, 16 and 64 MB that fill up in the middle of each kind of work: a typed error, everything acknowledged
/// sound, collecting possible all the same, and the work goes on once there is room.
///
/// A tmpfs is the disk, so these tests need the right to mount one and say so where they have it not.
@Suite(.serialized) struct FullDiskTests {
  @Test(arguments: [4, 16, 64]) func aFullDiskLosesNothingAndLetsTheStoreCollect(mebibytes: Int) throws {
    guard let disk = try SmallDisk(mebibytes: mebibytes) else {
      return print("full disk: skipped, this process may not mount a tmpfs")
    }
    var check = StoreCheck(path: disk.path + "/s.loam")
    let store = try Store.create(at: check.path, options: StoreOptions(shards: 2, shardMapBytes: 1 << 30))
    let spec = TableSpec(TableName(.model, "ctr"))
    var number = 0
    // Every version has new content, all of it kept by tags.
    func publish() throws {
      number += 1
      let write = try store.begin([spec])
      let blobs = try BlobWriter(write, spec)
      var random = Seeded(UInt64(number))
      blobs.set("blob", (0..<mebibytes << 14).flatMap { _ in withUnsafeBytes(of: random.next()) { [UInt8]($0) } })
      try blobs.flush()
      let record = try write.publish(PublishOptions(tags: ["t\(number)"]))
      check.roots[record.version] = record.root.description
      check.acknowledged = record.version
    }
    let full = #expect(throws: StoreError.self) { while true { try publish() } }
    #expect(full?.category == .noSpace, "\(full!)")
    #expect(check.acknowledged > 3)
    #expect(try store.verify().problems == [])

    // Other work on the full disk: refused, or done; never half.
    let others: [(String, () throws -> Void)] = [
      ("backup", { try store.backup(to: disk.path + "/backup") }),
      (
        "delta",
        {
          _ = try Delta.export(
            from: try store.snapshot(at: .number(2)), to: try store.snapshot(), into: disk.path + "/delta")
        }
      ),
      ("another put", { try publish() }),
    ]
    for (name, work) in others {
      let error = #expect(throws: StoreError.self, "\(name)") { try work() }
      #expect(error?.category == .noSpace, "\(name): \(error!)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == ["s.loam"], "\(name)")
    }
    // Untagging and collecting are writes too: the reserve is what they take.
    for tag in try store.tags().keys.sorted().dropLast(2) { try store.untag(tag) }
    try store.setRetention(RetentionPolicy(keepLast: 2))
    #expect(try store.collect() > 0)
    try publish()
    #expect(try store.verify().problems == [])

    try disk.resize(mebibytes: 3 * mebibytes)
    for _ in 0..<4 { try publish() }
    store.close()
    try check.requireSound()
    try check.requireWritable()
    print("full disk: 1 disk filled, of \(mebibytes) MiB, after \(number) versions")
  }
}

/// A tmpfs of a size that can be set; goes with its owner.
final class SmallDisk {
  private let place: Place
  let path: String

  /// `nil` where the process may not mount.
  init?(mebibytes: Int) throws {
    place = try Place()
    path = place("disk")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    guard geteuid() == 0, try Self.run("mount", "-t", "tmpfs", "-o", "size=\(mebibytes)m", "none", path) else {
      return nil
    }
  }

  deinit { _ = try? Self.run("umount", "-l", path) }

  func resize(mebibytes: Int) throws { #expect(try Self.run("mount", "-o", "remount,size=\(mebibytes)m", path)) }

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
