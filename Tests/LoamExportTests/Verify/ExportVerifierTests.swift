import Foundation
import Testing

@testable import LoamExport

struct ExportVerifierTests {
  let trained: TrainedStore
  init() throws {
    trained = try TrainedStore()
    try trained.export()
  }
  var scratch: Scratch { trained.scratch }
  var directory: String { scratch.path("export") }

  private func edit(_ name: String, _ change: (inout [UInt8]) -> Void) {
    var bytes = scratch.bytes(of: "export/\(name)")
    change(&bytes)
    scratch.write(bytes, to: "export/\(name)")
  }

  private func editManifest(_ change: (inout ExportManifest) -> Void) throws {
    var manifest = try ExportManifest(decoding: scratch.bytes(of: "export/manifest.json"), from: "")
    change(&manifest)
    scratch.write(manifest.encoded(), to: "export/manifest.json")
  }

  /// Puts another file in an export's place and makes the manifest's digest match it.
  private func replace(_ name: String, tensors: [(SafetensorsTensor, [UInt8])]) throws {
    try FileManager.default.removeItem(atPath: "\(directory)/\(name)")
    var writer = try SafetensorsWriter(at: "\(directory)/\(name)", tensors: tensors.map(\.0))
    for tensor in writer.tensors {
      let content = tensors.first { $0.0.name == tensor.name }!.1
      try writer.append(content.span.bytes, to: tensor.name)
    }
    let digest = try writer.finish()
    try editManifest { manifest in
      let index = manifest.files.firstIndex { $0.name == name }!
      (manifest.files[index].bytes, manifest.files[index].sha256) = (digest.bytes, digest.sha256)
    }
  }

  @Test func `an export is sound, and the report names its files`() throws {
    let report = try ExportVerifier.verify(directory)
    #expect(report.isSound && report.unlisted.isEmpty)
    #expect(
      report.files.map(\.name) == [
        "README.md", "dense.safetensors", "table.item.safetensors", "table.slot.safetensors",
      ])
    #expect(try InputFile("\(directory)/manifest.json").digest().sha256 == report.manifestSHA256)
    #expect(throws: Never.self) { try report.requireSound() }
  }

  @Test(arguments: ["README.md", "dense.safetensors", "table.item.safetensors", "table.slot.safetensors"])
  func `a changed bit, a longer, a shorter and an absent file are found`(name: String) throws {
    let whole = scratch.bytes(of: "export/\(name)")
    let changes: [(inout [UInt8]) -> Void] = [
      { $0[$0.count / 2] ^= 1 }, { $0[0] ^= 0x80 }, { $0.append(0) }, { $0.removeLast() }, { $0 = [] },
    ]
    for change in changes {
      edit(name, change)
      let report = try ExportVerifier.verify(directory)
      #expect(report.files.filter { !$0.problems.isEmpty }.map(\.name) == [name])
      let error = #expect(throws: ExportError.self) { try report.requireSound() }
      #expect(error?.category == .damaged)
      scratch.write(whole, to: "export/\(name)")
    }
    try FileManager.default.removeItem(atPath: "\(directory)/\(name)")
    #expect(try ExportVerifier.verify(directory).problems.count == 1)
    try FileManager.default.createSymbolicLink(atPath: "\(directory)/\(name)", withDestinationPath: "/etc/passwd")
    #expect(try ExportVerifier.verify(directory).problems[0].contains("symbolic link"))
  }

  @Test func `IDs that stand twice are found, though every digest matches`() throws {
    let ids: [UInt64] = [1, 1]
    try editManifest {
      $0.tables[1].rows = 2
      ($0.tables[1].missingRow, $0.tables[1].unknownRow) = (nil, nil)
    }
    try replace(
      "table.slot.safetensors",
      tensors: [
        (.init("ids", .u64, shape: [2]), TrainedStore.bytes(ids)),
        (.init("weight", .f32, shape: [2]), TrainedStore.bytes([Float(0), 0])),
      ])
    #expect(try ExportVerifier.verify(directory).problems == ["table.slot.safetensors: row 1: ID 1 stands twice"])
  }

  @Test func `a string that is not that of its ID is found, though every digest matches`() throws {
    let ids: [UInt64] = [7]
    try editManifest {
      ($0.tables[0].rows, $0.tables[0].dimension, $0.tables[0].hasWeight) = (1, 0, false)
      ($0.tables[0].missingRow, $0.tables[0].unknownRow) = (nil, nil)
    }
    let offsets: [Int64] = [0, 3]
    try replace(
      "table.item.safetensors",
      tensors: [
        (.init("ids", .u64, shape: [1]), TrainedStore.bytes(ids)),
        (.init("dictionary.offsets", .i64, shape: [2]), TrainedStore.bytes(offsets)),
        (.init("dictionary.bytes", .u8, shape: [3]), Array("tea".utf8)),
      ])
    #expect(try ExportVerifier.verify(directory).problems.first?.contains("does not hash to ID 7") == true)
  }

  @Test func `a table that is not what the manifest says is found`() throws {
    let changes: [(inout ExportManifest) -> Void] = [
      { $0.tables[0].rows += 1 }, { $0.tables[0].rows = -1 }, { $0.tables[0].dimension = 4 },
      { $0.tables[0].hasWeight = false }, { $0.tables[0].hasDictionary = false }, { $0.tables[0].missingRow = 0 },
      { $0.tables[0].unknownRow = nil }, { $0.tables[0].nonfinite = 1 }, { $0.dense!.tensors[0].shape = [7] },
      { $0.dense!.tensors.removeLast() },
    ]
    let whole = scratch.bytes(of: "export/manifest.json")
    for change in changes {
      try editManifest(change)
      #expect(try ExportVerifier.verify(directory).problems.count == 1)
      scratch.write(whole, to: "export/manifest.json")
    }
  }

  @Test func `a manifest that leads out of the directory, or names a file twice, is refused`() throws {
    let changes: [(inout ExportManifest) -> Void] = [
      { $0.files[0].name = "../store/loam.json" }, { $0.files[0].name = "/etc/passwd" }, { $0.files[0].name = ".." },
      { $0.files[0].name = "" }, { $0.files[0].name = "manifest.json" }, { $0.files[0].name = "a\0b" },
      { $0.files[0].name = $0.files[1].name }, { $0.tables[0].file = "absent" }, { $0.tables[0].file = "../x" },
      { $0.tables[0].file = $0.tables[1].file },
    ]
    let whole = scratch.bytes(of: "export/manifest.json")
    for change in changes {
      try editManifest(change)
      let error = #expect(throws: ExportError.self) { try ExportVerifier.verify(directory) }
      #expect(error?.code == "export.malformed")
      scratch.write(whole, to: "export/manifest.json")
    }
  }

  @Test func `numbers of a manifest that cannot be computed with are refused`() throws {
    let changes: [(inout ExportManifest) -> Void] = [
      { $0.golden = .init(file: "README.md", log: "valid", rows: .max, tolerance: 1) }, { $0.tables[0].rows = .max },
      { $0.tables[0].dimension = .max }, { $0.definition.tables[0].dimension = -1 },
      { $0.definition.tables[0].dimension = 1 << 40 }, { $0.definition.fields[0].table = 2 },
      { $0.definition.fields[1].table = -1 }, { $0.definition.fields[0].length = .max },
      { $0.definition.options["hidden"] = .list([.number(1e300)]) },
    ]
    let whole = scratch.bytes(of: "export/manifest.json")
    for (number, change) in changes.enumerated() {
      try editManifest(change)
      let error = #expect(throws: ExportError.self) { try ExportVerifier.verify(directory) }
      #expect(error?.code == "export.malformed", "\(number)")
      scratch.write(whole, to: "export/manifest.json")
    }
  }

  @Test func `rows are not read by an entry that the file does not fit`() throws {
    let manifest = try ExportManifest(decoding: scratch.bytes(of: "export/manifest.json"), from: "")
    #expect(try TableFile(directory, manifest.tables[0]).row(of: TrainedStore.id("spoon")) != nil)
    let changes: [(inout ExportManifest.Table) -> Void] = [
      { $0.dimension = .max }, { $0.dimension = -1 }, { $0.dtype = "F16" }, { $0.dtype = "I8" }, { $0.dtype = "U8" },
      { $0.file = "dense.safetensors" },
    ]
    for (number, change) in changes.enumerated() {
      var entry = manifest.tables[0]
      change(&entry)
      let error = #expect(throws: ExportError.self) { _ = try TableFile(directory, entry).row(of: 1) }
      #expect(error?.code == "export.malformed", "\(number)")
    }
  }

  @Test func `what is no export, or a newer one, is said so`() throws {
    for (text, code) in [
      ("", "export.damaged"), ("[]", "export.not-an-export"), ("{}", "export.not-an-export"),
      ("{\"format\":\"other\",\"format_version\":1}", "export.not-an-export"),
      ("{\"format\":\"loam.export\",\"format_version\":2}", "export.newer-format"),
      ("{\"format\":\"loam.export\",\"format_version\":1}", "export.malformed"),
      (String(repeating: "[", count: 100_000), "export.damaged"),
    ] {
      scratch.write(Array(text.utf8), to: "export/manifest.json")
      let error = #expect(throws: ExportError.self) { try ExportVerifier.verify(directory) }
      #expect(error?.code == code, "\(text.prefix(60))")
    }
    #expect(!ExportVerifier.isExport(at: scratch.path("store")))
    let error = #expect(throws: ExportError.self) { try ExportVerifier.verify(scratch.path("store")) }
    #expect(error?.code == "export.not-an-export")
  }

  @Test func `a file that the manifest does not know is told, and is no damage`() throws {
    scratch.write([1], to: "export/notes.txt")
    let report = try ExportVerifier.verify(directory)
    #expect(report.isSound)
    #expect(report.unlisted == ["notes.txt"])
  }
}
