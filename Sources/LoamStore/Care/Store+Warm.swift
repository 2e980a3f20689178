/// What warming found and left in the page cache.
public struct WarmReport: Sendable, Codable, Equatable {
  public struct File: Sendable, Codable, Equatable {
    public var name: String
    public var bytes: Int
    /// Of these, how many lay in the page cache before.
    public var bytesBefore: Int
    /// How many are mapped in pages of 2 MiB now.
    public var bytesInHugePages: Int
  }
  public var files: [File]
}

extension Store {
  /// Brings the files of a store's shards into the page cache, in pages of 2 MiB where the system has them.
  ///
  /// Lookups by random ID wait for the page table as much as for the row. A file that LMDB wrote page by page, or that
  /// lookups faulted in at random, lies in the page cache in pages of 4 KiB; read again in order it is mapped in pages
  /// of 2 MiB. Others may read and write meanwhile; pages that they have mapped stay as they are, so a process that
  /// serves should be started after it.
  ///
  /// Throws `tooLarge` for a store that does not fit in the memory that is available, which it would only push out.
  public static func warm(at path: String, progress: (String) -> Void = { _ in }) throws(StoreError) -> WarmReport {
    let layout = StoreLayout(root: canonical(path))
    let shards = try layout.readIdentity().shards
    let files = (0..<shards).map { layout.shard($0) + "/data.mdb" }
    let bytes = files.reduce(0) { $0 + (Disk.size($1) ?? 0) }
    if let available = CachedFile.availableBytes, bytes > available {
      throw StoreError(
        .tooLarge,
        "the shards of \(path) have \(bytes >> 20) MiB, and \(available >> 20) MiB of memory are available",
        hint: "Lookups read the pages that they need by themselves; more memory, or fewer versions, make it fit.")
    }
    var report = WarmReport(files: [])
    for (shard, file) in files.enumerated() {
      let name = Disk.name(of: layout.shard(shard))
      progress(name)
      report.files.append(try warm(file, name: name))
    }
    return report
  }

  private static func warm(_ path: String, name: String) throws(StoreError) -> WarmReport.File {
    let file = try CachedFile(path)
    let before = file.residentBytes
    try file.populate()
    // What was there in small pages can only be had in large ones by reading it again. The end of a file, which fills no
    // large page, is small for good.
    if before > 0, file.bytesInHugePages < file.bytesInWholeHugePages / 10 * 9 {
      try file.forget()
      try file.populate()
    }
    return .init(name: name, bytes: file.count, bytesBefore: before, bytesInHugePages: file.bytesInHugePages)
  }
}
