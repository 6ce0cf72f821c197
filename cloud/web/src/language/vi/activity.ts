import type { BypassMethod } from '../../api/contract.ts';

/** Ways round the rules: what was tried, what became of it, and what it may mean. */
const bypass: Record<BypassMethod, { name: string; text: string }> = {
  dot: {
    name: 'DNS mã hóa (DoT)',
    text: 'Máy thử tra tên qua một máy chủ mã hóa, để router không thấy tên trang. Đã từ chối. Android có thể tự làm vậy khi bật “DNS riêng”, chưa chắc là con.',
  },
  doq: {
    name: 'DNS mã hóa (DoQ)',
    text: 'Máy thử tra tên qua một máy chủ mã hóa kiểu mới. Đã từ chối. Một số ứng dụng tự làm vậy, chưa chắc là con.',
  },
  doh: {
    name: 'DNS mã hóa (DoH)',
    text: 'Máy thử tra tên qua một máy chủ mã hóa. Đã từ chối. Trình duyệt thường tự làm vậy, chưa chắc là con.',
  },
  'foreign-dns': {
    name: 'Máy chủ DNS khác',
    text: 'Máy hỏi tên ở một máy chủ khác, ví dụ 8.8.8.8. Router tự trả lời thay, nên luật vẫn đúng. Nhiều ứng dụng đặt sẵn như vậy.',
  },
  vpn: {
    name: 'VPN',
    text: 'Máy thử mở một đường hầm VPN, trong đó luật không thấy gì. Đã từ chối. Thường là có người đã cài một ứng dụng VPN: nên hỏi con.',
  },
  tor: {
    name: 'Tor',
    text: 'Máy thử vào mạng Tor, nơi giấu mọi trang được xem. Đã từ chối. Việc này ít khi tình cờ: nên hỏi con.',
  },
  'private-relay': {
    name: 'Chuyển tiếp riêng tư (iCloud)',
    text: 'Máy Apple thử giấu các trang được xem qua iCloud. Đã từ chối. Máy tự làm vậy khi có iCloud+; có thể tắt trong phần Wi-Fi của máy.',
  },
  proxy: {
    name: 'Máy chủ trung gian (proxy)',
    text: 'Máy thử vào mạng qua một máy chủ trung gian. Đã từ chối. Thường là đã có người cài đặt: nên hỏi con.',
  },
  'direct-address': {
    name: 'Vào thẳng địa chỉ',
    text: 'Máy nối thẳng đến địa chỉ của một ứng dụng bị chặn, không hỏi tên. Đã từ chối. Ứng dụng đang mở thường tự thử lại như vậy.',
  },
  'odd-dns': {
    name: 'Câu hỏi tên bất thường',
    text: 'Máy gửi câu hỏi tên theo cách lạ mà bộ lọc không đọc được. Đã từ chối. Ứng dụng đường hầm hay làm vậy; lỗi phần mềm cũng có thể.',
  },
  'other-mac': {
    name: 'Giả địa chỉ phần cứng',
    text: 'Máy gửi dưới một địa chỉ phần cứng không phải của nó, để được coi là máy khác. Đã từ chối. Không ứng dụng nào tự làm vậy: nên hỏi con.',
  },
};

/** What was blocked, what was tried round it, and how long a child was online. */
export const activity = {
  title: 'Lượt chặn',
  privacy: 'Khiên chỉ ghi lần bị chặn, không ghi những trang con đã xem.',
  emptyTitle: 'Chưa có lượt chặn nào',
  emptyText: 'Khi thiết bị của con thử mở thứ bị chặn, bạn sẽ thấy ở đây: ai, thứ gì, lúc nào, mấy lần.',
  emptyChild: (name: string) => `${name} chưa có lượt chặn nào`,
  recorded:
    'Có ghi: lần bị chặn, theo tên trong danh sách chặn; lần thử đi vòng qua luật; số phút dùng mỗi ngày.',
  notRecorded: 'Không ghi: trang con xem, tin nhắn, tìm kiếm, cuộc gọi trợ giúp.',
  filter: 'Lọc theo con',
  everybody: 'Tất cả',
  times: (count: number) => `${count} lần`,
  unknownChild: 'Đã xóa',
  unknownDevice: 'Thiết bị đã xóa',
  quotaOf: (target: string) => `${target}: đã hết giờ`,
  learning: 'Thứ không dùng để học',
  learningText: 'Đang trong giờ chỉ học.',
  bypassKind: 'Thử đi vòng qua luật',
  explain: 'Nghĩa là gì?',
  explainOf: (name: string) => `Nghĩa là gì? ${name}`,
  bypass,
  /** Of `direct-address` where it was none of a blocked app. */
  addressInStudy:
    'Trong giờ chỉ học, máy nối thẳng đến một địa chỉ không cần cho việc học, không hỏi tên. Đã từ chối. Ứng dụng đang mở từ trước thường tự làm vậy.',
  bypassUnknown: {
    name: 'Cách đi vòng khác',
    text: 'Máy thử đi vòng qua luật theo một cách mà ứng dụng này chưa biết tên. Đã từ chối.',
  },
};

/** How long a child was online, day by day. */
export const usage = {
  title: 'Thời gian dùng',
  intro: 'Số phút có dùng mạng trong ngày, không phải lịch sử: Khiên không ghi con đã xem trang nào.',
  row: 'Thời gian dùng và lượt chặn từng ngày',
  span: 'Bao nhiêu ngày',
  spanDays: (days: number) => `${days} ngày`,
  target: 'Xem số phút của',
  average: 'Trung bình mỗi ngày',
  day: 'Ngày',
  blocked: 'Lượt bị chặn',
  bypass: 'Lần đi vòng',
  bypassText: 'Lần đi vòng gồm cả những lần ứng dụng tự làm, chưa chắc là con. Xem từng lần để biết.',
  chart: (target: string, average: string, days: number) =>
    `Biểu đồ ${days} ngày, ${target}: trung bình ${average} mỗi ngày. Từng ngày ở bảng bên dưới.`,
  table: 'Xem dạng bảng',
  minutesShort: (minutes: number) => `${minutes}ph`,
  hoursShort: (hours: number, minutes: number) =>
    minutes === 0 ? `${hours}g` : `${hours}g${String(minutes).padStart(2, '0')}`,
  empty: 'Chưa có số liệu',
  emptyText: 'Khi thiết bị của con vào mạng ở nhà, số phút mỗi ngày sẽ hiện ở đây.',
  seeTries: 'Xem các lượt bị chặn',
};
