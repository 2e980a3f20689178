import Foundation
import LMDB
import LoamSchema
import Synchronization
import Testing

@testable import LoamStore

@Suite(.serialized) struct MapGrowthTests {
  @Test func twentyFullMapsGrowUnderReadersAndEachBatchIsRepeatedOnce() throws {
    let place = try Place()
    let environment = try Environment(path: place.path, options: .init(mapSizeBytes: 1 << 20))
    defer { environment.close() }
    let words: Database<TextCodec, BytesCodec> = try #require(try environment.openDatabase("words", create: true))
    let isOver = Mutex(false)
    let reads = Mutex(0)
    let done = DispatchSemaphore(value: 0)
    for _ in 0..<4 {
      Thread.detachNewThread {
        while !isOver.withLock({ $0 }) {
          // All entries of a batch or none: each has the batch's number.
          let sums = try? environment.read { t throws(LMDBError) in
            try t.entries(of: words).map { $0.value.first ?? 0 }
          }
          #expect(sums?.count.isMultiple(of: 20) == true)
          reads.withLock { $0 += 1 }
        }
        done.signal()
      }
    }
    var (grown, batch) = (0, 0)
    while grown < setting("LOAM_GROWTHS", 20) {
      func put() throws(LMDBError) {
        try environment.write { t throws(LMDBError) in
          for entry in 0..<20 {
            let value = [UInt8](repeating: UInt8(truncatingIfNeeded: batch), count: 9_000)
            try t.put(value, at: "\(batch)/\(entry)", in: words)
          }
        }
      }
      do { try put() } catch {
        #expect(error.code == .mapFull)
        try environment.grow(toBytes: try environment.usage().mapSizeBytes + 1 << 20)
        grown += 1
        try put()
      }
      batch += 1
    }
    isOver.withLock { $0 = true }
    for _ in 0..<4 { done.wait() }
    #expect(reads.withLock { $0 } > 0)
    #expect(try environment.read { t throws(LMDBError) in try t.count(of: words) } == 20 * batch)
    #expect(try environment.pageProblems(.everything) == [])
  }

  @Test func aStoreWhoseMapIsFullGoesOnAfterTheNextOpening() throws {
    let place = try Place()
    let path = place("s.loam")
    let spec = TableSpec(TableName(.model, "ctr"))
    try Store.create(at: path, options: StoreOptions(shards: 1, shardMapBytes: 1 << 20)).close()
    let reader = try WorkloadProgram.start("poll", path)
    var number = 0
    for opening in 1...5 {
      let store = try Store.open(at: path, for: .write)
      defer { store.close() }
      let error = try #require(
        #expect(throws: StoreError.self) {
          while true { try publish(&number, store, spec) }
        })
      #expect(error.reason == .mapFull && error.category == .noSpace, "opening \(opening): \(error)")
      #expect(try store.verify().problems == [])
    }
    try requireAll(number, at: path, reader)
    try StoreCheck(path: path).requireSound()
  }

  private func requireAll(_ number: Int, at path: String, _ reader: WorkloadProgram.Running) throws {
    let store = try Store.open(at: path, for: .write)
    defer { store.close() }
    try store.tag(.latest, as: "end")
    let outcome = reader.finish()
    #expect(outcome.status == 0, "\(outcome.errors)")
    let blobs = try #require(try BlobReader(try store.snapshot(), TableName(.model, "ctr")))
    #expect(blobs.names().count == number)
    #expect(store.identity.shardMapBytes > 1 << 22)
  }

  private func publish(_ number: inout Int, _ store: Store, _ spec: TableSpec) throws {
    let write = try store.begin([spec])
    let blobs = try BlobWriter(write, spec)
    var random = Seeded(UInt64(number))
    blobs.set("\(number)", (0..<30_000).flatMap { _ in withUnsafeBytes(of: random.next()) { [UInt8]($0) } })
    try blobs.flush()
    try write.publish()
    number += 1
  }
}
