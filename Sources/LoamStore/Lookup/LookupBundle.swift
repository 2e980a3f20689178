import LoamKernels

/// Small requests that share one group: each step is made for all of them before the next one.
enum LookupBundle {
  static func run(_ requests: UnsafeBufferPointer<LookupRequest>) throws(StoreError) {
    try requests[0].reader.snapshot.requireUsable()
    var stride = 0
    for place in requests.indices { stride = max(stride, requests[place].stride) }
    var group = LookupGroup(strideMax: stride)
    if !located(requests, group) { try locate(requests, &group) }
    var place = 0
    for number in requests.indices {
      let count = requests[number].keyCount
      if let output = requests[number].output {
        let units = 0..<requests[number].unitCount
        requests[number].begin(units)
        requests[number].emit(output, 0, count, group.rows + place)
        requests[number].end(units)
      }
      place += count
    }
  }

  /// In one call, where nothing is to be settled.
  private static func located(_ requests: UnsafeBufferPointer<LookupRequest>, _ group: borrowing LookupGroup) -> Bool {
    withUnsafeTemporaryAllocation(of: loam_lookup_part.self, capacity: requests.count) { parts in
      for number in requests.indices {
        guard let part = requests[number].part else { return false }
        parts.initializeElement(at: number, to: part)
      }
      return loam_lookup_parts(parts.baseAddress, parts.count, group.rows) != 0
    }
  }

  private static func locate(_ requests: UnsafeBufferPointer<LookupRequest>, _ group: inout LookupGroup)
    throws(StoreError)
  {
    var place = 0
    for request in requests {
      if case .ids(let ids) = request.keys, let start = ids.baseAddress {
        try request.reader.fetchLines(start, count: ids.count, at: place, group)
      }
      place += request.keyCount
    }
    place = 0
    for request in requests {
      try request.locate(at: place, &group)
      place += request.keyCount
    }
  }
}

extension LookupRequest {
  /// For the kernel; `nil` where keys are rows.
  fileprivate var part: loam_lookup_part? {
    guard case .ids(let ids) = keys else { return nil }
    let arrays = reader.arrays
    return loam_lookup_part(
      index: arrays.index, column: arrays.columns + column, ids: ids.baseAddress, count: ids.count, absent: absent)
  }

  /// Addresses of all rows, from place `at` of the group on.
  fileprivate func locate(at place: Int, _ group: inout LookupGroup) throws(StoreError) {
    switch keys {
    case .ids(let ids):
      guard let start = ids.baseAddress else { return }
      try reader.match(start, count: ids.count, at: place, into: group.references + place, group)
      try reader.locate(group.references + place, count: ids.count, column: column, absent: absent, at: place, &group)
    case .rows(let rows):
      guard let start = rows.baseAddress else { return }
      reader.requireOwn(rows)
      try reader.locate(start, count: rows.count, column: column, absent: absent, at: place, &group)
    }
  }
}
