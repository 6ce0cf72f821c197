import type { Contact } from './contact.ts';

const ALWAYS = { vi: '24/7, miễn phí', en: '24/7, free of charge' };

function emergency(phone: string, vi: string, en: string): Contact {
  return {
    id: `emergency-${phone}`,
    name: { vi, en },
    kind: 'emergency',
    phone,
    hours: ALWAYS,
    region: null,
    website: null,
    names: [],
  };
}

/**
 * Everything of an operator that Wi-Fi calling asks DNS for: its ePDG (`epdg.epc.…`, `sos.epdg.epc.…`, 3GPP TS 23.003
 * §19.4.2.9) and the servers beside it that set the service up (`xcap.ims.…`, `bsf.…`, `aes.…`; GSMA TS.43).
 */
function wifiCalling(operator: string, mnc: string): Contact {
  return {
    id: `calling-mnc${mnc}`,
    name: { vi: `Gọi qua Wi-Fi: ${operator}`, en: `Wi-Fi calling: ${operator}` },
    kind: 'calling',
    phone: null,
    hours: { vi: '24/7', en: '24/7' },
    region: null,
    website: null,
    names: [`mnc0${mnc}.mcc452.pub.3gppnetwork.org`],
  };
}

/** Contacts known without any cloud; the `contacts` document replaces them. Sources in catalogue/SOURCES.md. */
export const defaultContacts: readonly Contact[] = [
  {
    id: 'hotline-111',
    name: { vi: 'Tổng đài quốc gia bảo vệ trẻ em 111', en: 'National child protection hotline 111' },
    kind: 'hotline',
    phone: '111',
    hours: ALWAYS,
    region: null,
    website: 'https://tongdai111.vn',
    names: ['tongdai111.vn'],
  },
  emergency('113', 'Công an', 'Police'),
  emergency('114', 'Cứu hỏa, cứu nạn', 'Fire and rescue'),
  emergency('115', 'Cấp cứu y tế', 'Ambulance'),
  emergency('112', 'Tìm kiếm cứu nạn', 'Search and rescue'),
  {
    id: 'hotline-yen-bai',
    name: { vi: 'Đường dây nóng bảo vệ trẻ em Yên Bái', en: 'Yên Bái child protection hotline' },
    kind: 'hotline',
    phone: '18001776',
    hours: { vi: 'Miễn phí', en: 'Free of charge' },
    region: 'yen-bai',
    website: null,
    names: [],
  },
  {
    id: 'hotline-ho-chi-minh',
    name: {
      vi: 'Hội Bảo vệ quyền trẻ em TP. Hồ Chí Minh',
      en: "Hồ Chí Minh City Association for the Protection of Children's Rights",
    },
    kind: 'hotline',
    phone: '18009069',
    hours: { vi: 'Miễn phí', en: 'Free of charge' },
    region: 'ho-chi-minh',
    website: null,
    names: [],
  },
  {
    id: 'hotline-da-nang',
    name: {
      vi: 'Tổng đài 1022 Đà Nẵng (nhánh 6: bảo vệ trẻ em)',
      en: 'Đà Nẵng hotline 1022 (press 6 for child protection)',
    },
    kind: 'hotline',
    phone: '02361022',
    hours: { vi: 'Bấm phím 6', en: 'Press 6' },
    region: 'da-nang',
    website: 'https://gopy.danang.gov.vn',
    names: ['gopy.danang.gov.vn'],
  },
  {
    id: 'vn-cop',
    name: {
      vi: 'Mạng lưới bảo vệ trẻ em trên môi trường mạng (VN-COP)',
      en: 'Viet Nam child online protection network (VN-COP)',
    },
    kind: 'hotline',
    phone: null,
    hours: { vi: 'Báo cáo qua trang web', en: 'Reports through the website' },
    region: null,
    website: 'https://vn-cop.vn',
    names: ['vn-cop.vn'],
  },
  {
    id: 'ngay-mai',
    name: {
      vi: 'Đường dây nóng Ngày Mai (khủng hoảng tâm lý, trầm cảm)',
      en: 'Ngày Mai hotline (distress, depression)',
    },
    kind: 'counselling',
    phone: '0963061414',
    hours: { vi: '13:00–20:30, thứ Tư đến Chủ nhật', en: '13:00–20:30, Wednesday to Sunday' },
    region: null,
    website: 'https://duongdaynongngaymai.vn',
    names: ['duongdaynongngaymai.vn'],
  },
  {
    id: 'ngoi-nha-binh-yen',
    name: {
      vi: 'Ngôi nhà Bình yên (bạo lực gia đình, xâm hại, mua bán người)',
      en: 'Peace House (violence, abuse, trafficking)',
    },
    kind: 'counselling',
    phone: '1900969680',
    hours: { vi: '24/7', en: '24/7' },
    region: null,
    website: 'https://ngoinhabinhyen.vn',
    names: ['ngoinhabinhyen.vn'],
  },
  wifiCalling('MobiFone', '01'),
  wifiCalling('VinaPhone', '02'),
  wifiCalling('Viettel', '04'),
  wifiCalling('Vietnamobile', '05'),
  wifiCalling('Gmobile', '07'),
  wifiCalling('iTel', '08'),
  wifiCalling('Wintel', '09'),
];
