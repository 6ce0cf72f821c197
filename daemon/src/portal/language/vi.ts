import type { LocalMoment } from '../local-time.ts';
import { momentText, runsText } from './phrase.ts';

const weekdays = ['thứ Hai', 'thứ Ba', 'thứ Tư', 'thứ Năm', 'thứ Sáu', 'thứ Bảy', 'Chủ nhật'];
const weekday = (day: number): string => weekdays[day - 1] ?? '';

const moment = (at: LocalMoment): string =>
  momentText(at, {
    yesterday: (time) => `${time} hôm qua`,
    today: (time) => `${time} hôm nay`,
    tomorrow: (time) => `${time} ngày mai`,
    weekday: (time, day) => `${time} ${weekday(day)}`,
    date: (time, day, month) => `${time} ngày ${day}/${month}`,
  });

/** Vietnamese, the first language; its shape is what every other fills. The page says "em" to the child. */
export const vi = {
  code: 'vi' as 'vi' | 'en',
  own: 'Tiếng Việt',
  brand: 'Khiên',
  skip: 'Đến nội dung chính',
  languages: 'Ngôn ngữ',
  title: (name: string) => `Trang của ${name}`,

  moment,
  duration: (minutes: number): string => {
    const hours = Math.floor(minutes / 60);
    const days = Math.floor(hours / 24);
    if (minutes < 1) return 'chưa đến 1 phút';
    if (hours < 1) return `${minutes} phút`;
    if (days >= 2) return `${days} ngày`;
    return minutes % 60 === 0 ? `${hours} giờ` : `${hours} giờ ${minutes % 60} phút`;
  },
  days: (days: readonly number[]): string =>
    runsText(days, {
      everyDay: 'Hằng ngày',
      name: weekday,
      range: (from, to) => `${from} đến ${to}`,
      and: 'và',
    }),

  status: {
    hello: (name: string) => `Chào ${name}!`,
    free: 'Mạng đang bật',
    grant: 'Em đang có thêm giờ',
    pause: 'Mạng đang tạm dừng',
    schedule: 'Đến giờ nghỉ rồi',
    'device-pause': 'Máy này đang tạm dừng',
    learning: 'Giờ học',
    'study-time': 'Giờ học',
    quota: 'Hết giờ mạng hôm nay',
    onUntil: 'Mạng bật đến',
    offUntil: 'Mạng bật lại lúc',
    left: (duration: string) => `còn ${duration}`,
    studyFrom: 'Giờ học bắt đầu lúc',
    studyUntil: 'Giờ học đến',
    noLimit: 'Sắp tới không có giờ tắt mạng nào.',
    untilStudied: 'Đến khi bố mẹ tắt chế độ học.',
    pausedBy: 'Bố mẹ đã tạm dừng mạng trên thiết bị của em.',
    untilResumed: 'Mạng bật lại khi bố mẹ cho chạy tiếp.',
    scheduledBy: (schedule: string) => `Theo lịch “${schedule}” bố mẹ đặt cho em.`,
    scheduled: 'Theo lịch bố mẹ đặt cho em.',
    grantedBy: 'Bố mẹ vừa cho em thêm giờ.',
    devicePausedBy: 'Bố mẹ đã tạm dừng riêng máy này.',
    learningBy: 'Bố mẹ đang bật chế độ học: chỉ những trang cần cho việc học mới mở được.',
    quotaBy: 'Em đã dùng hết số phút bố mẹ cho trong hôm nay.',
  },

  quotas: {
    heading: 'Giờ của em hôm nay',
    network: 'Cả mạng',
    left: (left: string, limit: string) => `còn ${left} trong ${limit}`,
    spent: (limit: string) => `đã dùng hết ${limit}`,
    noLimit: 'hôm nay không giới hạn',
    notToday: 'hôm nay không có giờ',
    added: (duration: string) => `Bố mẹ thêm ${duration}`,
    anew: (moment: string) => `Tính lại từ đầu lúc ${moment}.`,
  },

  hotline: {
    question: 'Cần một người lắng nghe?',
    call: (phone: string) => `Gọi ${phone}`,
    nobodySees: 'Khiên không ghi lại và không báo ai việc em gọi.',
  },

  requests: {
    heading: 'Yêu cầu của em',
    time: (duration: string) => `Xin thêm ${duration}`,
    timeOf: (duration: string, name: string) => `Xin thêm ${duration} cho ${name}`,
    someTime: 'Xin thêm giờ',
    help: 'Nhờ bố mẹ giúp',
    waiting: 'Đang chờ bố mẹ trả lời',
    toBeSent: 'Đã lưu, sẽ gửi khi có Internet',
    delivered: 'Đã gửi cho bố mẹ',
    granted: (duration: string) => `Được thêm ${duration}`,
    answered: 'Bố mẹ đã trả lời',
    refused: 'Lần này chưa được',
    reply: 'Bố mẹ nhắn:',
    at: (time: string) => `lúc ${time}`,
  },

  ask: {
    heading: 'Xin thêm giờ',
    of: 'Thêm giờ cho gì?',
    minutes: 'Thêm bao lâu?',
    choice: (minutes: number) => (minutes === 60 ? '1 giờ' : `${minutes} phút`),
    reason: 'Vì sao em cần?',
    optional: 'không bắt buộc',
    reasonHint: 'Ví dụ: em cần nộp bài tập nhóm',
    send: 'Gửi cho bố mẹ',
    pending: 'Em đã xin rồi. Bố mẹ trả lời thì câu trả lời sẽ hiện ở trên.',
    notNeeded: 'Lúc này mạng không có giờ tắt, nên em chưa cần xin thêm.',
  },

  help: {
    heading: 'Em cần bố mẹ giúp',
    explain: 'Tin này hiện ngay trên điện thoại của bố mẹ.',
    notParents: (phone: string) =>
      `Nếu em không muốn bố mẹ biết, hãy gọi ${phone}: chuyện em gọi không bao giờ hiện cho ai xem.`,
    text: 'Có chuyện gì vậy?',
    optional: 'có thể để trống',
    send: 'Nhờ bố mẹ giúp',
  },

  rules: {
    heading: 'Quy định của em',
    setByParents: 'Bố mẹ đặt những quy định này cho em. Thấy chưa hợp lý, em cứ nói với bố mẹ.',
    bedtimes: 'Giờ tắt mạng',
    noBedtimes: 'Không có giờ tắt mạng.',
    window: (start: string, end: string) => `${start} đến ${end}`,
    wholeDay: 'Cả ngày',
    studyTimes: 'Giờ học: chỉ mở những gì cần cho việc học',
    freeTimes: 'Giờ tự do: không tính vào số phút mỗi ngày',
    holidays: { excluded: 'trừ ngày nghỉ', only: 'chỉ ngày nghỉ' },
    categories: 'Nhóm nội dung bị chặn',
    services: 'Ứng dụng và trang bị chặn',
    nothingBlocked: 'Không có gì bị chặn.',
    filters: 'Tìm kiếm và video được lọc',
    safeSearch: 'Google, Bing và DuckDuckGo ẩn những kết quả dành cho người lớn.',
    youtube: {
      moderate: 'YouTube ẩn video dành cho người lớn và bình luận.',
      strict: 'YouTube ẩn những video có thể không hợp với trẻ em, và bình luận.',
    },
    always: 'Trang của tổng đài 111 và các nơi giúp đỡ không bao giờ bị chặn.',
  },

  privacy: {
    heading: 'Những gì được ghi lại',
    recorded: 'Bố mẹ thấy',
    recordedItems: [
      'Lần em thử mở thứ bị chặn: đó là ứng dụng, nhóm hay trang bị chặn nào, mấy lần, lúc mấy giờ',
      'Mỗi ngày em dùng mạng, và những thứ có giới hạn giờ, bao nhiêu phút',
      'Lần thiết bị của em thử đi vòng qua quy định, ví dụ bằng VPN',
      'Những gì em gửi từ trang này',
      'Thiết bị của em có đang nối mạng hay không',
    ],
    never: 'Không bao giờ ghi',
    neverItems: [
      'Em xem trang nào, tìm gì, xem video gì',
      'Em nhắn gì, gõ gì',
      'Em gọi 111, hay mở trang của nơi giúp đỡ',
    ],
    phoneKeeps: 'Riêng điện thoại vẫn có thể giữ nhật ký cuộc gọi của nó.',
  },

  contacts: {
    heading: 'Những nơi giúp đỡ',
    explain: 'Gọi được cả khi mạng đang tắt.',
    emergency: 'Khẩn cấp',
    website: 'Mở trang',
    call: (name: string, phone: string) => `Gọi ${name}, số ${phone}`,
  },

  guest: {
    title: 'Khiên của nhà bạn',
    heading: 'Xin chào!',
    lead: 'Thiết bị này chưa được giao cho em nào, nên Khiên để mạng chạy bình thường.',
    newHeading: 'Thiết bị mới',
    newLead: 'Thiết bị này vừa vào mạng nhà. Mạng sẽ bật khi bố mẹ cho phép.',
    claimHeading: 'Dành cho bố mẹ: bắt đầu',
    claimSteps: (address: string) =>
      `Quét mã QR bằng điện thoại. Hoặc mở ${address}, tạo tài khoản rồi nhập mã này:`,
    claimQr: 'Mã QR mở trang nhận router',
    claimPrinted: (address: string) =>
      `Trên điện thoại, mở ${address}, tạo tài khoản rồi nhập mã in trên nhãn của router, hoặc mã mà gia đình trước đưa bạn.`,
    claimCode: 'Mã nhận router',
    claimOnce: 'Mã chỉ dùng được một lần. Chỉ người đang ở trong mạng nhà mới thấy trang này.',
    manageHeading: 'Dành cho bố mẹ',
    manage: 'Muốn giao thiết bị này cho con, hãy mở trang quản lý và chọn thiết bị có địa chỉ:',
    unknownDevice:
      'Muốn giao thiết bị này cho con, hãy mở trang quản lý và chọn nó trong danh sách thiết bị.',
    open: 'Mở trang quản lý',
  },

  notice: {
    sent: { time: 'Đã gửi cho bố mẹ.', help: 'Đã gửi. Bố mẹ sẽ thấy ngay trên điện thoại.' },
    saved: {
      time: 'Đã lưu. Yêu cầu sẽ được gửi khi có Internet.',
      help: 'Đã lưu, sẽ gửi khi có Internet. Cần giúp ngay thì em hãy gọi 111.',
    },
    merged: 'Tin em vừa gửi đã đến hàng chờ của bố mẹ rồi. Muốn nói thêm, em hãy viết lại sau một phút.',
  },

  errors: {
    TIME_PENDING: 'Em đã xin rồi, bố mẹ chưa trả lời. Em chờ thêm một chút nhé.',
    TIME_TOO_OFTEN: 'Em đã xin 5 lần trong một giờ. Lát nữa em thử lại nhé.',
    TIME_NOT_LIMITED: 'Lúc này mạng không có giờ tắt, nên chưa cần xin thêm giờ.',
    TIME_NOT_SPENT: 'Hôm nay em chưa dùng hết giờ của mục này, nên chưa cần xin thêm.',
    TEXT_TOO_LONG: 'Nội dung dài quá. Em viết ngắn lại, nhiều nhất 400 ký tự nhé.',
    FORM_INVALID: 'Chưa gửi được vì thiếu hoặc sai thông tin. Em chọn lại rồi gửi nhé.',
    NOT_STORED: 'Router chưa lưu được yêu cầu. Em thử lại nhé. Nếu gấp, hãy gọi 111.',
    NOT_MANAGED: 'Thiết bị này chưa được giao cho ai, nên chưa gửi được.',
    CROSS_SITE: 'Yêu cầu này không đến từ trang này nên không được nhận.',
    BODY_TOO_LARGE: 'Nội dung gửi lên lớn quá.',
    NOT_FOUND: 'Không có trang này.',
    METHOD_NOT_ALLOWED: 'Không mở trang theo cách này được.',
    UNEXPECTED: 'Trang gặp lỗi. Mạng của em vẫn chạy theo quy định như cũ.',
  },
  errorTitle: 'Chưa được rồi',
  back: 'Về trang chính',
  footer: 'Trang này nằm ngay trong router của nhà, mở được cả khi mất Internet.',
};

export type Texts = typeof vi;
export type ErrorCode = keyof Texts['errors'];
