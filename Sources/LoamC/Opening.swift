import CLoam
import Foundation
import LoamKernels
import LoamPack
import LoamQuery
import LoamSchema
import LoamStore

@_cdecl("loam_abi")
public func abi() -> Int32 { LOAM_ABI }

@_cdecl("loam_close")
public func close(_ handle: UInt64) { Handles.close(handle) }

@_cdecl("loam_free")
public func free(text: UnsafeMutablePointer<CChar>?) { Foundation.free(text) }

@_cdecl("loam_open_store")
public func openStore(
  _ path: UnsafePointer<CChar>?, _ store: UnsafeMutablePointer<UInt64>?, _ error: UnsafeMutablePointer<loam_error>?
) -> Int32 {
  answering(error) { try Handles.open(.store(try SharedStores.store(at: try Arguments.text(path, "path"))), store) }
}

@_cdecl("loam_open_version")
public func openVersion(
  _ store: UInt64, _ at: UnsafePointer<CChar>?, _ version: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<loam_error>?
) -> Int32 {
  answering(error) {
    let reference = VersionReference(try Arguments.text(at, "at"))
    try Handles.open(.version(try Handles.store(store).snapshot(at: reference)), version)
  }
}

@_cdecl("loam_open_pack")
public func openPack(
  _ directory: UnsafePointer<CChar>?, _ publicKey: UnsafePointer<CChar>?, _ pack: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<loam_error>?
) -> Int32 {
  answering(error) {
    let key = try publicKey.map { try PackPublicKey(pem: try Arguments.text($0, "public_key")) }
    try Handles.open(.pack(try FrozenPack(at: try Arguments.text(directory, "directory"), signedBy: key)), pack)
  }
}

@_cdecl("loam_open_table")
public func openTable(
  _ source: UInt64, _ name: UnsafePointer<CChar>?, _ table: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<loam_error>?
) -> Int32 {
  answering(error) {
    let name = try Arguments.text(name, "name")
    let opened: any OpenTable =
      switch try Handles.value(source) {
      case .version(let snapshot): try OpenStoreTable(snapshot, name)
      case .pack(let pack): OpenPackTable(table: try pack.table(name))
      case let other:
        throw APIError(.badHandle, "handle \(source) is a \(other.kind), expected a version or a pack")
      }
    try Handles.open(.table(opened), table)
  }
}

@_cdecl("loam_open_timeline")
public func openTimeline(
  _ version: UInt64, _ name: UnsafePointer<CChar>?, _ timeline: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<loam_error>?
) -> Int32 {
  answering(error) {
    let opened = try OpenTimeline(try Handles.version(version), try Arguments.text(name, "name"))
    try Handles.open(.timeline(opened), timeline)
  }
}

@_cdecl("loam_open_view")
public func openView(
  _ version: UInt64, _ yaml: UnsafePointer<CChar>?, _ view: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<loam_error>?
) -> Int32 {
  answering(error) {
    let parsed = try FeatureView.parse(yaml: try Arguments.text(yaml, "yaml"), file: "view")
    try Handles.open(.view(try ViewReader(try Handles.version(version), parsed)), view)
  }
}

@_cdecl("loam_describe")
public func describe(
  _ handle: UInt64, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
  _ error: UnsafeMutablePointer<loam_error>?
) -> Int32 {
  answering(error) {
    guard let json else { throw APIError(.badArgument, "json is NULL") }
    json.pointee = strdup(String(decoding: try Descriptions.json(try Handles.value(handle)), as: UTF8.self))
  }
}

@_cdecl("loam_hash_strings")
public func hashStrings(
  _ bytes: UnsafePointer<CChar>?, _ offsets: UnsafePointer<UInt64>?, _ count: UInt64,
  _ ids: UnsafeMutablePointer<UInt64>?, _ error: UnsafeMutablePointer<loam_error>?
) -> Int32 {
  answering(error) {
    let strings = try Arguments.count(count, "count")
    let offsets = try Arguments.input(offsets, count + 1, "offsets")
    let ids = try Arguments.output(ids, count, expected: strings, "ids")
    guard offsets[0] == 0, bytes != nil || offsets[strings] == 0 else {
      throw APIError(.badArgument, "offsets do not begin at 0, or there are no bytes")
    }
    for string in 0..<strings {
      guard offsets[string] <= offsets[string + 1] else {
        throw APIError(.badArgument, "offsets fall at string \(string)")
      }
      let length = Int(offsets[string + 1] - offsets[string])
      ids[string] = loam_hash_bytes(bytes.map { $0 + Int(offsets[string]) }, length)
    }
  }
}
