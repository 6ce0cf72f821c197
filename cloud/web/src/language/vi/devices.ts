import type { DeviceEvidence, NewDevicePolicy } from '../../api/contract.ts';

/** By what a new address is taken for a device. */
const evidence: Record<DeviceEvidence, string> = {
  hostname: 'tự xưng cùng một tên',
  fingerprint: 'cùng kiểu máy',
  vendor: 'cùng hãng',
  timing: 'hiện ra đúng lúc máy kia biến mất',
  'two-places': 'có mặt cùng lúc với máy kia ở hai chỗ',
  address: 'gửi từ địa chỉ mạng của máy kia, còn tự nó không trả lời ở địa chỉ nào',
};

/** By what something else is suspected behind a known address. */
const changedEvidence: Record<DeviceEvidence, string> = {
  hostname: 'tự xưng tên khác trước',
  fingerprint: 'là một kiểu máy khác trước',
  vendor: 'là máy của hãng khác trước',
  timing: 'hiện ra vào lúc lạ',
  'two-places': 'có mặt ở hai chỗ cùng một lúc',
  address: 'gửi từ địa chỉ mạng của một máy khác',
};

const newDevices: Record<NewDevicePolicy, { name: string; text: string }> = {
  allow: {
    name: 'Cho vào',
    text: 'Thiết bị mới có mạng ngay, không bị chặn gì và không ai bị hỏi. Con mang về một máy khác thì máy đó cũng vậy.',
  },
  ask: {
    name: 'Cho vào và hỏi tôi',
    text: 'Có mạng ngay, và bạn được hỏi là của ai. Nếu giống một máy của con, máy đó theo luật của con cho đến khi bạn trả lời.',
  },
  quarantine: {
    name: 'Chặn cho đến khi tôi đồng ý',
    text: 'Chưa có mạng cho đến khi bạn trả lời; nơi trợ giúp vẫn mở. Chặt nhất, nhưng máy của khách và TV mới cũng phải chờ. Những máy đang có trong nhà không bị ảnh hưởng.',
  },
};

/** What is said of devices. */
export const devices = {
  title: 'Thiết bị',
  intro: 'Mọi thiết bị router thấy trong nhà.',
  emptyTitle: 'Chưa thấy thiết bị nào',
  emptyText: 'Thiết bị sẽ hiện ra khi nối vào mạng của router.',
  unassigned: 'Không của con nào',
  unassignedText: 'Không bị chặn, không có giờ ngủ.',
  quarantined: 'Đang chờ bạn cho vào',
  quarantinedText: 'Chưa có mạng, trừ nơi trợ giúp.',
  of: (name: string) => `Của ${name}`,
  present: 'Đang ở nhà',
  lastSeen: (when: string) => `Thấy lần cuối ${when}`,
  private: 'Địa chỉ riêng tư',
  privateText:
    'Thiết bị dùng địa chỉ ngẫu nhiên và có thể đổi. Khi đổi, Khiên so tên và kiểu máy rồi hỏi bạn có phải cùng một máy không. Muốn chắc chắn thì tắt “địa chỉ riêng tư” cho Wi-Fi của nhà trên thiết bị.',
  new: 'Mới',
  waiting: 'Chưa có mạng',
  paused: 'Đang dừng',
  name: 'Tên thiết bị',
  owner: 'Của ai?',
  nobody: 'Không của con nào (không quản lý)',
  nobodyHint: 'Máy của người lớn, TV, đồ dùng chung',
  letIn: 'Cho vào, không của con nào',
  leave: 'Cứ chặn',
  leaveText: 'Máy vẫn ở trong danh sách, bạn cho vào lúc nào cũng được.',
  left: (device: string) => `${device} vẫn bị chặn`,
  vendor: 'Hãng',
  hostname: 'Tự xưng là',
  mac: 'Địa chỉ MAC',
  addresses: 'Địa chỉ IP',
  firstSeen: 'Thấy lần đầu',
  assigned: (device: string, child: string) => `${device} là của ${child}`,
  unassignedToast: (device: string) => `${device} không còn được quản lý`,
  renamed: 'Đã đổi tên thiết bị',
  search: 'Tìm thiết bị',
  noMatch: (query: string) => `Không thấy “${query}”.`,
  keptUnassigned: (device: string) => `${device} không của con nào`,
  askAgain: 'Hỏi lại của ai',
  askAgainBlocks: 'Máy sẽ mất mạng cho đến khi bạn trả lời lại.',
  askedAgain: (device: string) => `${device} lại là thiết bị mới`,

  pause: 'Tạm dừng máy này',
  pauseTitle: (device: string) => `Tạm dừng ${device}`,
  pauseText: 'Chỉ máy này mất mạng, các máy khác vẫn chạy. Nơi trợ giúp vẫn mở.',
  pausedUntil: (until: string) => `Tạm dừng riêng máy này đến ${until}`,
  pausedOpen: 'Tạm dừng riêng máy này cho đến khi bạn mở lại',
  resume: 'Mở lại máy này',
  pausedToast: (device: string) => `Đã tạm dừng ${device}`,
  resumedToast: (device: string) => `Đã mở lại ${device}`,

  macsTitle: 'Các địa chỉ của máy này',
  macsText: 'Luật áp dụng cho mọi địa chỉ. Nếu có địa chỉ không phải của máy này, hãy tách ra.',
  separate: 'Tách ra',
  separateOf: (mac: string) => `Tách ra ${mac}`,
  separateSure: (mac: string) => `Tách ${mac} thành một thiết bị riêng, không của con nào?`,
  separateNoWayBack: 'Muốn gộp lại thì phải chờ Khiên hỏi lần nữa.',
  separated: (mac: string) => `${mac} nay là thiết bị riêng`,

  check: 'Cần bạn xem',
  resembles: (device: string, child: string) => `Đây có phải là ${device} của ${child} không?`,
  resemblesText: (found: string, reasons: string) => `${found}: ${reasons}.`,
  resemblesRules: (child: string) => `Trong lúc chờ, máy này theo luật của ${child}.`,
  resemblesBlocked: 'Trong lúc chờ, máy này chưa có mạng.',
  resemblesFree: 'Trong lúc chờ, máy này có mạng như thiết bị mới.',
  evidence,
  yes: 'Đúng, cùng một máy',
  no: 'Không phải',
  confirmed: (child: string) => `Đã gộp vào máy của ${child}`,
  denied: (found: string) => `${found} là máy khác, được để yên`,
  foundGone: 'Một địa chỉ mới',

  changed: (device: string) => `Có máy khác dùng địa chỉ của ${device}?`,
  changedText: (reasons: string) => `Địa chỉ này ${reasons}.`,
  changedEvidence,
  changedMeans:
    'Nếu bạn vừa cài lại, nâng cấp hay đổi tên máy này thì không sao. Nếu không, có thể ai đó chép địa chỉ của nó để tránh luật.',
  changedWhat: 'Nên làm: xem máy này còn ở nhà không, hỏi con, và đổi mật khẩu Wi-Fi nếu vẫn không rõ.',
  look: 'Xem thiết bị',
  dismiss: 'Không sao',
  dismissed: 'Đã bỏ cảnh báo',

  newDevicesTitle: 'Khi có thiết bị mới',
  newDevices,
};
