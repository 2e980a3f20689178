import LoamSchema
import LoamStore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// When a followed file's rows are published and looked for.
public struct FollowOptions: Sendable {
  /// Rows that wait are published after so long, a whole batch at once.
  public var publishSeconds: Double
  /// Between two looks at a file that brought nothing.
  public var pollSeconds: Double

  public init(publishSeconds: Double = 5, pollSeconds: Double = 0.2) {
    (self.publishSeconds, self.pollSeconds) = (publishSeconds, pollSeconds)
  }
}

extension Ingestor {
  /// Reads a file that grows until `shouldStop` says so; publishes what waits then, and returns.
  ///
  /// A line is a record once its line end is there. Rows become known when they are read, unless the schema names a
  /// column for that. The position is stored with the rows: given again, a follow or an ingest goes on from it.
  ///
  /// Throws `badOption` for anything but an uncompressed file with a whole first line, and `changedInput` where the
  /// file was cut off, or replaced by another one; the rows read before are published.
  public func follow(
    _ path: String, _ follow: FollowOptions = FollowOptions(), shouldStop: () -> Bool,
    progress: (IngestProgress) -> Void = { _ in }
  ) throws(IngestError) -> IngestReport {
    try checkOptions()
    let watch = try FileWatch(path)
    knowRowsWhenRead()
    let write: IngestWrite
    do { write = try IngestWrite(store, plan, options) } catch { throw IngestError(error) }
    defer { write.abandon() }
    account = IngestAccount(options, sources: write.sources)
    let cutter = ChunkCutter(
      [.file(path)], plan, recordsPerChunk: options.chunkRecords, sources: write.sources, isGrowing: true)
    var records = 0
    var oldest = ContinuousClock.now
    while true {
      let isLast = shouldStop()
      let wave = cut(cutter, records, write.logRows)
      if !wave.isEmpty {
        let parsed = try rows(of: wave, write, now: currentTime())
        _ = try account.take(wave, parsed)
        if records == 0 { oldest = .now }
        records += wave.recordCount
        _ = try add(parsed, to: write) { ChunkCutter.Wave() }
      }
      let change = wave.isEmpty ? watch.change() : nil
      let isDue = ContinuousClock.now - oldest >= .seconds(follow.publishSeconds)
      let isEnd = (isLast && wave.isEmpty) || change != nil
      if records > 0, records == options.batchRows || isDue || isEnd {
        try publish(write, goOn: !isEnd)
        records = 0
      }
      if let state = account.state, !wave.isEmpty || state.version != nil { progress(state) }
      if let change { throw change }
      if isEnd { return account.finish(newIDs: write.newIDs, logRows: write.logRows) }
      if wave.isEmpty { usleep(UInt32(follow.pollSeconds * 1e6)) }
    }
  }
}

/// The file behind a path, and whether it still is the one that was opened, no shorter than before.
private final class FileWatch {
  private let path: String
  private let device: dev_t
  private let inode: ino_t
  private var size: off_t

  init(_ path: String) throws(IngestError) {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw IngestError(
        .badOption, "\(path): only a file can be followed", hint: "Pipes and standard input are read to their end.")
    }
    let head = try ByteSource(.file(path))
    guard head.isPlain else {
      throw IngestError(.badOption, "\(path): a compressed file cannot be followed", hint: "Ingest it as it is.")
    }
    (self.path, device, inode, size) = (path, status.st_dev, status.st_ino, status.st_size)
  }

  func change() -> IngestError? {
    var status = stat()
    let isThere = stat(path, &status) == 0
    if isThere && status.st_dev == device && status.st_ino == inode && status.st_size >= size {
      size = status.st_size
      return nil
    }
    let isCut = isThere && status.st_dev == device && status.st_ino == inode
    return IngestError(
      .changedInput,
      "\(path): the file was " + (isCut ? "cut off from \(size) to \(status.st_size) bytes" : "replaced or removed")
        + " while it was followed; what was read before is stored",
      hint: "Let each new file have a name of its own, and follow that one.")
  }
}
