import type { kit as english } from '../en/kit.ts';
import type { Worded } from '../worded.ts';

export const kit: Worded<typeof english> = {
  kit: {
    title: '비상 키트를 보관하세요',
    detail: '지금 한 번만 보입니다. 아무도, 서버를 운영하는 사람도 다시 보여 줄 수 없습니다.',
    sheet: 'Onefold 비상 키트',
    sheetWhat: '이것과 비밀번호가 있으면 새 기기에서 로그인할 수 있습니다.',
    sheetKeep: '여권을 두는 곳에 두세요. 비밀번호 없이는 누구에게도 쓸모가 없습니다.',
    server: '서버',
    email: '이메일',
    account: '계정',
    secretKey: '비밀 키',
    qr: '비상 키트의 QR 코드',
    phrase: 'Onefold 복구 문구',
    phraseWhat: '이 24단어만 있으면 비밀번호도 기기도 없이 계정을 되찾을 수 있습니다.',
    phraseKeep: '그러니 키트와 떨어진, 다른 사람이 닿지 않는 곳에 두세요.',
    phraseWords: '24단어',
    phraseQr: '복구 문구의 QR 코드',
    made: '{{date}}에 만듦',
    print: '인쇄',
    printKit: '키트 인쇄',
    printPhrase: '문구 인쇄',
    saveKit: '키트를 파일로 저장',
    check: '보관했나요?',
    checkKey: '비밀 키의 마지막 다섯 글자',
    checkWord: '복구 문구의 {{count, number}}번째 단어',
    checkWrong: '종이에 적힌 것과 다릅니다.',
    finish: '보관했으니 계속',
    offline: '서버가 답하지 않았습니다. 종이를 그대로 두고 다시 시도하세요. 잃은 것은 없습니다.',
  },
};
