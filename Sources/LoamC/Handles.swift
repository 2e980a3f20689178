import LoamPack
import LoamQuery
import LoamSchema
import LoamStore
import Synchronization

/// What a number of the interface stands for.
enum Opened: Sendable {
  case store(Store)
  case version(Snapshot)
  case pack(FrozenPack)
  case table(any OpenTable)
  case timeline(OpenTimeline)
  case view(ViewReader)

  var kind: String {
    switch self {
    case .store: "store"
    case .version: "version"
    case .pack: "pack"
    case .table: "table"
    case .timeline: "timeline"
    case .view: "view"
    }
  }
}

/// Numbers instead of pointers: one that was closed, or never given, is found out. None is given twice.
enum Handles {
  private struct State {
    var last: UInt64 = 0
    var opened: [UInt64: Opened] = [:]
  }
  private static let state = Mutex(State())

  static func open(_ value: Opened, _ handle: UnsafeMutablePointer<UInt64>?) throws {
    guard let handle else { throw APIError(.badArgument, "there is no place for the handle") }
    handle.pointee = state.withLock { state in
      state.last += 1
      state.opened[state.last] = value
      return state.last
    }
  }

  /// What it names stays as long as something that was opened from it.
  static func close(_ handle: UInt64) {
    // Outside of the lock: the end of a store takes time.
    _ = state.withLock { $0.opened.removeValue(forKey: handle) }
  }

  static func value(_ handle: UInt64) throws -> Opened {
    guard let value = state.withLock({ $0.opened[handle] }) else {
      throw APIError(.badHandle, "handle \(handle) is not open", hint: "It was closed, or never opened.")
    }
    return value
  }

  private static func wrong(_ handle: UInt64, _ value: Opened, _ wanted: String) -> APIError {
    APIError(.badHandle, "handle \(handle) is a \(value.kind), expected a \(wanted)")
  }

  static func store(_ handle: UInt64) throws -> Store {
    let value = try value(handle)
    guard case .store(let store) = value else { throw wrong(handle, value, "store") }
    return store
  }

  static func version(_ handle: UInt64) throws -> Snapshot {
    let value = try value(handle)
    guard case .version(let version) = value else { throw wrong(handle, value, "version") }
    return version
  }

  static func table(_ handle: UInt64) throws -> any OpenTable {
    let value = try value(handle)
    guard case .table(let table) = value else { throw wrong(handle, value, "table") }
    return table
  }

  static func timeline(_ handle: UInt64) throws -> OpenTimeline {
    let value = try value(handle)
    guard case .timeline(let timeline) = value else { throw wrong(handle, value, "timeline") }
    return timeline
  }

  static func view(_ handle: UInt64) throws -> ViewReader {
    let value = try value(handle)
    guard case .view(let view) = value else { throw wrong(handle, value, "view") }
    return view
  }
}
